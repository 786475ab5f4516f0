/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel constants that are preprocessor macros or user ABI, so that no BTF carries them. */
#ifndef VMLINUX_CONSTANTS_H
#define VMLINUX_CONSTANTS_H

/* include/linux/socket.h */
#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 10

/* include/uapi/linux/in.h */
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262

/*
 * include/net/tcp_states.h; the values are ABI: tcp_info, /proc/net/tcp and the tracepoint show
 * them
 */
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_FIN_WAIT1 4
#define TCP_FIN_WAIT2 5
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LAST_ACK 9
#define TCP_LISTEN 10
#define TCP_CLOSING 11
#define TCP_NEW_SYN_RECV 12 /* of a request only */

/* include/net/inet_connection_sock.h: what the retransmission timer is used for */
#define ICSK_TIME_RETRANS 1
#define ICSK_TIME_PROBE0 3
#define ICSK_TIME_LOSS_PROBE 5
#define ICSK_TIME_REO_TIMEOUT 6

/* include/net/tcp.h: TCP_TIMEWAIT_LEN, in seconds */
#define TCP_TIMEWAIT_SECONDS 60

/* include/uapi/linux/magic.h */
#define SOCKFS_MAGIC 0x534F434B

/* include/linux/sched.h: of a process's threads, those that io_uring made, since 5.12 */
#define PF_IO_WORKER 0x00000010
#define PF_KTHREAD 0x00200000

/* include/uapi/asm-generic/errno.h and errno-base.h, and include/linux/errno.h */
#define EINTR 4
#define ECONNABORTED 103
#define ECONNRESET 104
#define ETIMEDOUT 110
#define ECONNREFUSED 111
#define EALREADY 114
#define EINPROGRESS 115
#define ERESTARTSYS 512 /* the first of those that begin a system call again */

/* include/linux/fs.h: opened with O_PATH, which holds a name and not what it names */
#define FMODE_PATH 0x4000

#endif
