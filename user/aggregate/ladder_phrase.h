/* SPDX-License-Identifier: GPL-2.0-only */
/* The sentences that a ladder is explained with, in each language. */
#ifndef USER_AGGREGATE_LADDER_PHRASE_H
#define USER_AGGREGATE_LADDER_PHRASE_H

#include "user/base/language.h"

/* X(NAME, "English", "Chinese"): {t} stands for a duration, {n} for a number, {d} for
 * that as a duration. */
#define LADDER_PHRASES(X)         \
	LADDER_PHRASES_OPEN(X)    \
	LADDER_PHRASES_CLOSE(X)   \
	LADDER_PHRASES_FAILURE(X) \
	LADDER_PHRASES_END(X)     \
	LADDER_PHRASES_HEAD(X)    \
	LADDER_PHRASES_DEMO(X)

/* clang-format off */
#define LADDER_PHRASES_OPEN(X) \
	X(SYN, \
	  "The client asks for a connection and says where its numbers begin: x. When this " \
	  "arrives, the server knows that the client can send and that it can receive itself.", \
	  "客户端请求建立连接，并告知自己的序号从 x 开始。服务器收到后就知道：客户端能发送，自" \
	  "己能接收。") \
	X(SYN_ACK, \
	  "The server agrees and says where its own numbers begin: y. When this arrives, the " \
	  "client knows that both can send and both can receive. The server does not know yet " \
	  "that the client hears it.", \
	  "服务器同意，并告知自己的序号从 y 开始。客户端收到后就知道：双方都能发送，也都能接" \
	  "收。服务器还不知道客户端能否收到它的报文。") \
	X(ACK, \
	  "When this arrives, the server knows, too, that it can send and that the client can " \
	  "receive. The connection is open at both ends.", \
	  "服务器收到后也就知道：自己能发送，客户端能接收。连接在两端都已建立。") \
	X(SYN_CROSS, \
	  "A SYN comes from the other end as well, before it has answered ours: both open at " \
	  "the same time, and neither is the server.", \
	  "对端在应答我方 SYN 之前也发来了 SYN：双方同时打开，没有哪一方是服务器。") \
	X(SYN_CROSS_ACK, \
	  "This end acknowledges the SYN that came and says its own again.", \
	  "本端确认收到的 SYN，并再次发送自己的 SYN。") \
	X(SYN_CROSS_OPEN, \
	  "The other end has acknowledged our SYN. The connection is open, and it is one " \
	  "connection, not two.", \
	  "对端确认了我方的 SYN。连接已建立，而且是一个连接，不是两个。") \
	X(SYN_AGAIN, \
	  "No answer in time, so the SYN was sent again ({n}). It, or the answer to it, was " \
	  "lost or late: {t} went by before an answer came.", \
	  "没有及时收到应答，SYN 被重发（{n} 次）。SYN 或对它的应答丢失或迟到：过了 {t} 才收到" \
	  "应答。") \
	X(SYN_IN_VAIN, \
	  "No answer in time, so the SYN was sent again ({n}). No answer came to any of them.", \
	  "没有及时收到应答，SYN 被重发（{n} 次）。一次也没有收到应答。") \
	X(SYN_ACK_AGAIN, \
	  "No ACK in time, so the SYN-ACK was sent again ({n}). It, or the ACK, was lost or " \
	  "late.", \
	  "没有及时收到 ACK，SYN-ACK 被重发（{n} 次）。SYN-ACK 或 ACK 丢失或迟到。") \
	X(FASTOPEN, \
	  "Fast open: data went with the SYN, before the handshake was over.", \
	  "快速打开（TFO）：数据随 SYN 一起发送，没有等握手完成。") \
	X(SYNCOOKIE, \
	  "A SYN cookie: the server kept nothing of the SYN. It made y so that the ACK brings " \
	  "back what it has to know.", \
	  "SYN cookie：服务器没有保存这个 SYN 的任何信息，而是把所需信息编入 y，由 ACK 带回。") \
	X(DEFERRED, \
	  "Deferred accept: the bare ACK was ignored, and the connection waited for its first " \
	  "data.", \
	  "延迟接受（TCP_DEFER_ACCEPT）：单独的 ACK 被忽略，连接等到第一批数据才建立。") \
	X(QUEUE_FULL, \
	  "An ACK before this one was ignored: the accept queue was full.", \
	  "之前的一个 ACK 被忽略：accept 队列已满。") \
	X(ACCEPTED, \
	  "The application accepted the connection {t} later.", \
	  "应用程序在 {t} 之后才 accept 这个连接。") \
	X(DATA_ONE, \
	  "Data: {n} segment was sent again in the whole life.", \
	  "数据传输：整个生命期内有 {n} 个报文段被重发。") \
	X(DATA, \
	  "Data: {n} segments were sent again in the whole life.", \
	  "数据传输：整个生命期内有 {n} 个报文段被重发。")

#define LADDER_PHRASES_CLOSE(X) \
	X(FIN, \
	  "The end that sends this has no more data to send, and says so with number u. It " \
	  "can still receive.", \
	  "发送方没有更多数据要发，用序号 u 告知对方。它仍然可以接收。") \
	X(FIN_ACK, \
	  "The FIN has arrived: one direction is closed. The other one stays open until the " \
	  "application there closes as well.", \
	  "FIN 已收到：一个方向已经关闭。另一个方向保持打开，直到那一端的应用程序也关闭。") \
	X(FIN_SECOND, \
	  "The other direction has no more data either, and this end of it waits for one last " \
	  "ACK.", \
	  "另一个方向也没有数据了，发送方只等最后一个 ACK。") \
	X(FIN_TOGETHER, \
	  "The ACK of u and the FIN of the other direction are one segment, or two right " \
	  "after each other: there were no more data to send.", \
	  "对 u 的确认和另一个方向的 FIN 在同一个报文段中（或两个紧接着）：已没有数据要发。") \
	X(LAST_ACK, \
	  "When this arrives, the end that closed second is done. The end that closed first " \
	  "waits 2 MSL in TIME_WAIT: if this ACK is lost, the FIN comes again and has to be " \
	  "answered, and no old segment is to reach a new connection between the same ports.", \
	  "对端收到后，后关闭的一端就结束了。先关闭的一端在 TIME_WAIT 中等待 2MSL：这个 ACK 若" \
	  "丢失，FIN 会重发，必须再次应答；旧报文也不能进入使用同样端口的新连接。") \
	X(FIN_CROSS, \
	  "A FIN comes from the other end before it has acknowledged ours: both close at the " \
	  "same time.", \
	  "对端在确认我方 FIN 之前也发来了 FIN：双方同时关闭。") \
	X(FIN_CROSS_ACK, \
	  "This end acknowledges the FIN that came. Its own is not acknowledged yet.", \
	  "本端确认收到的 FIN。自己的 FIN 还没有被确认。") \
	X(FIN_CROSS_LAST, \
	  "Our FIN is acknowledged, too. Both ends wait 2 MSL in TIME_WAIT.", \
	  "我方的 FIN 也被确认。两端都在 TIME_WAIT 中等待 2MSL。") \
	X(HALF_CLOSE, \
	  "Half closed: data still flowed in the direction that was open, for {t}.", \
	  "半关闭：数据仍在未关闭的方向上流动，历时 {t}。") \
	X(SLOW_ACK, \
	  "{t} went by before the FIN was acknowledged: a silent peer, a lost segment, or " \
	  "data that had to be sent before it.", \
	  "过了 {t} FIN 才被确认：对端沉默、报文丢失，或者 FIN 之前还有数据要发。") \
	X(APP_SLOW, \
	  "The application at this end took {t} to close after the other end had closed.", \
	  "对端关闭之后，本端的应用程序过了 {t} 才关闭。") \
	X(PEER_APP_SLOW, \
	  "The application at the other end took {t} to close after this end had closed.", \
	  "本端关闭之后，对端的应用程序过了 {t} 才关闭。") \
	X(SLOW_LAST_ACK, \
	  "{t} went by before the last ACK came: it, or the FIN, was lost and sent again.", \
	  "过了 {t} 才收到最后一个 ACK：它或 FIN 曾丢失并被重发。")

#define LADDER_PHRASES_FAILURE(X) \
	X(REFUSED, \
	  "Nobody listens at that port: a reset is the answer to the SYN.", \
	  "那个端口没有程序监听：对 SYN 的应答是复位（RST）。") \
	X(SYN_TIMED_OUT, \
	  "No answer came within {t}: connect() failed.", \
	  "{t} 内没有任何应答：connect() 失败。") \
	X(SYN_UNREACHABLE, \
	  "The network answered that there is no way: connect() failed.", \
	  "网络回答无法到达：connect() 失败。") \
	X(REFUSED_BY_ICMP, \
	  "The network answered by ICMP that nobody takes connections there: connect() failed.", \
	  "网络用 ICMP 回答那里不接受连接：connect() 失败。") \
	X(NO_SYN, \
	  "connect() failed before a SYN was sent, as where there is no port left or no route.", \
	  "connect() 在发送 SYN 之前就失败了，例如没有可用的端口或路由。") \
	X(SYN_UNSENT, \
	  "This end gave up before a SYN was sent: a fast open waits for the first data.", \
	  "本端在发送 SYN 之前就放弃了：快速打开（TFO）要等第一批数据。") \
	X(SYN_ABORTED, \
	  "This end gave up before an answer came.", \
	  "本端在收到应答之前放弃了。") \
	X(ABANDONED, \
	  "The ACK never came: a client that went away, a lost segment, or a forged SYN. The " \
	  "server forgot the request after {t}.", \
	  "ACK 始终没有来：客户端离开、报文丢失，或 SYN 是伪造的。{t} 之后服务器放弃了这个请" \
	  "求。") \
	X(OLD_DUPLICATE, \
	  "The other end does not know of such a SYN: it was an old duplicate, or a probe. " \
	  "The reset makes the server forget the request before there is a connection.", \
	  "对端不认得这个 SYN：它是旧的重复报文，或者是探测。RST 使服务器放弃这个请求，连接没" \
	  "有建立。") \
	X(OVERFLOW, \
	  "The ACK came, and the accept queue was full: the application does not accept fast " \
	  "enough. The server forgot the request after {t}.", \
	  "ACK 到了，但 accept 队列已满：应用程序 accept 得不够快。{t} 之后服务器放弃了这个请" \
	  "求。") \
	X(REQUEST_LEFT, \
	  "The listener was closed before the handshake was complete. The server forgot the " \
	  "request after {t}.", \
	  "握手完成之前监听套接字被关闭。{t} 之后服务器放弃了这个请求。") \
	X(REQUEST_UNREACHABLE, \
	  "The network answered the SYN-ACK that there is no way: the server forgot the request.", \
	  "网络回答 SYN-ACK 无法到达：服务器放弃了这个请求。") \
	X(REQUEST_KILLED, \
	  "An administrator ended the request, as with ss -K: the client hears nothing of it.", \
	  "管理员结束了这个请求，例如用 ss -K：客户端对此一无所知。") \
	X(REQUEST_LOST, \
	  "The server forgot the request after {t}, and nothing tells why.", \
	  "{t} 之后服务器放弃了这个请求，原因不明。") \
	X(BAD_SYN, \
	  "Another SYN in place of the ACK: the server answers with a reset.", \
	  "代替 ACK 来的是另一个 SYN：服务器回应 RST。") \
	X(QUEUE_RESET, \
	  "The accept queue was full, and tcp_abort_on_overflow makes the server answer with a " \
	  "reset.", \
	  "accept 队列已满，而 tcp_abort_on_overflow 使服务器回应 RST。") \
	X(RESET_IN, \
	  "The other end resets the connection: what was on its way is lost, and there is no " \
	  "TIME_WAIT.", \
	  "对端复位连接：路上的数据丢失，也没有 TIME_WAIT。") \
	X(RESET_OUT, \
	  "This end resets the connection: what was on its way is lost, and there is no " \
	  "TIME_WAIT.", \
	  "本端复位连接：路上的数据丢失，也没有 TIME_WAIT。") \
	X(RESET_UNREAD, \
	  "This end was closed with data that nobody had read: a reset tells the other end so. " \
	  "What was on its way is lost, too, and there is no TIME_WAIT.", \
	  "本端关闭时还有没读的数据：RST 就是这样告诉对端的。路上的数据也丢失，没有" \
	  " TIME_WAIT。") \
	X(RESET_LINGER, \
	  "This end was closed with SO_LINGER of 0 seconds: a reset leaves instead of a FIN. " \
	  "What was on its way is lost, and there is no TIME_WAIT.", \
	  "本端以 SO_LINGER 0 秒关闭：发出的是 RST 而不是 FIN。路上的数据丢失，也没有" \
	  " TIME_WAIT。") \
	X(RESET_IMPATIENT, \
	  "This end was closed, and its TCP_LINGER2 is below 0: it does not wait for the FIN of " \
	  "the other end, but resets the connection.", \
	  "本端已关闭，并且它的 TCP_LINGER2 小于 0：它不等对端的 FIN，而是复位连接。") \
	X(RESET_DISCONNECT, \
	  "This end left with connect(AF_UNSPEC), which resets the connection. Its socket may " \
	  "connect again.", \
	  "本端用 connect(AF_UNSPEC) 离开，这会复位连接。它的套接字还可以再次连接。") \
	X(RESET_UNACCEPTED, \
	  "The listener was closed before anybody accepted the connection, which is reset.", \
	  "还没有人 accept 这个连接，监听套接字就关闭了，连接被复位。") \
	X(RESET_LATE, \
	  "Data came after this end was closed: nobody can read it any more, and a reset says " \
	  "so.", \
	  "本端关闭之后又来了数据：已经没有人能读它，RST 就是这样告知的。") \
	X(RESET_MEMORY, \
	  "This end was closed, and the kernel had too little memory, or too many such sockets, " \
	  "to wait for the rest: it resets the connection.", \
	  "本端已关闭，而内核内存太少，或这样的套接字太多，无法等待其余部分：它复位连接。") \
	X(RESET_KEEPALIVE, \
	  "The other end answered no keepalive: the kernel gives the connection up, and sends a " \
	  "reset in case that somebody hears it.", \
	  "对端没有应答 keepalive：内核放弃连接，并发出 RST，以防还有人听到。") \
	X(RESET_KILLED, \
	  "The connection is ended from outside, as by ss -K: a reset tells the other end.", \
	  "连接从外部被结束，例如用 ss -K：RST 告知对端。") \
	X(TIMED_OUT, \
	  "The other end did not answer any more: the kernel gave it up after {t} in this " \
	  "state.", \
	  "对端不再应答：在这个状态等待 {t} 之后内核放弃了连接。") \
	X(UNREACHABLE, \
	  "The network answered that there is no way any more.", \
	  "网络回答已无法到达。") \
	X(ABORTED, \
	  "This end left the connection without a FIN.", \
	  "本端没有发送 FIN 就离开了连接。") \
	X(DROPPED, \
	  "This end was closed with SO_LINGER of 0 seconds while it waited for the ACK of its " \
	  "FIN: the kernel forgot the connection, and told nobody.", \
	  "本端在等待对自己 FIN 的 ACK 时以 SO_LINGER 0 秒关闭：内核忘掉了这个连接，没有告知任何一" \
	  "方。") \
	X(NO_ROOM, \
	  "The kernel had no room to wait for the FIN of the other end " \
	  "(net.ipv4.tcp_max_tw_buckets): it forgot the connection, and answers what comes with " \
	  "a reset.", \
	  "内核没有空位来等待对端的 FIN（net.ipv4.tcp_max_tw_buckets）：它忘掉了这个连接，此后" \
	  "对到来的任何报文段都以 RST 应答。") \
	X(LEFT, \
	  "This end had sent its FIN, and was gone before the FIN of the other end came.", \
	  "本端已经发送 FIN，但在对端的 FIN 到来之前就已消失。") \
	X(TAKEN_AWAY, \
	  "The connection was taken out of the kernel in TCP_REPAIR mode, as for a move to " \
	  "another machine: nothing is sent, and the other end knows nothing of it.", \
	  "连接以 TCP_REPAIR 方式从内核中取走，例如为了迁移到另一台机器：什么也不发送，对端毫不知" \
	  "情。") \
	X(NO_FIN, \
	  "The FIN of the other end did not come within {t}: the kernel gave it up.", \
	  "{t} 内没有等到对端的 FIN：内核放弃了等待。") \
	X(UNSEEN, \
	  "How it went on was not seen.", \
	  "之后的情况没有看到。") \
	X(OLDER, \
	  "It is older than the tracing: how it was opened was not seen.", \
	  "它早于跟踪的开始：没有看到它是怎样建立的。") \
	X(RESTORED, \
	  "It was put into the kernel in TCP_REPAIR mode, open already, as after a move from " \
	  "elsewhere: nobody shook hands.", \
	  "它以 TCP_REPAIR 方式放入内核，放入时已经打开，例如从别处迁移而来：没有经过握手。") \
	X(LOST, \
	  "Word of this was lost: it is inferred from what came after it.", \
	  "这一步的记录丢失，是从后面的事件推断出来的。")

#define LADDER_PHRASES_END(X) \
	X(STILL_OPEN, \
	  "It is still in this state.", \
	  "它仍处于这个状态。") \
	X(STILL_WAITING, \
	  "TIME_WAIT lasts; --full waits for its end.", \
	  "TIME_WAIT 还在持续；--full 会等到它结束。") \
	X(EXPIRED, \
	  "2 MSL are over, after {t}: the ports are free again.", \
	  "2MSL 结束，历时 {t}：端口可以重新使用。") \
	X(REUSED, \
	  "After {t} a new connection took over the ports: its SYN could not be an old one.", \
	  "{t} 之后新的连接接管了这些端口：它的 SYN 不可能是旧报文。") \
	X(CUT_SHORT, \
	  "After {t} a reset ended TIME_WAIT early.", \
	  "{t} 之后一个 RST 提前结束了 TIME_WAIT。") \
	X(PURGED, \
	  "After {t} the kernel dropped it, with its network namespace.", \
	  "{t} 之后内核随网络命名空间一起丢弃了它。") \
	X(TIME_WAIT_KILLED, \
	  "After {t} an administrator ended it, as with ss -K.", \
	  "{t} 之后管理员结束了它，例如用 ss -K。") \
	X(NO_TIME_WAIT, \
	  "The kernel had no room for a TIME_WAIT: this end forgot the connection at once.", \
	  "内核没有空间保存 TIME_WAIT：本端立即忘记了这个连接。") \
	X(REARMED, \
	  "A segment came again, most likely the FIN whose ACK was lost. 2 MSL begin anew.", \
	  "又来了一个报文段，多半是 ACK 丢失后重发的 FIN。2MSL 重新开始计时。") \
	X(REARMED_ACK, \
	  "It is acknowledged again. Without TIME_WAIT a reset would be the answer.", \
	  "再次确认。若没有 TIME_WAIT，应答就会是 RST。")

#define LADDER_PHRASES_HEAD(X) \
	X(THIS_END, "this end", "本端") \
	X(OTHER_END, "other end", "对端") \
	X(CLIENT, "client", "客户端") \
	X(SERVER, "server", "服务器") \
	X(BOTH_MEASURED, \
	  "Both ends are on this machine: what stands without parentheses was measured.", \
	  "两端都在本机：没有括号的都是实际测得的。") \
	X(TWO_MEASURED, \
	  "Both ends were recorded, each on its own machine: what stands without parentheses " \
	  "was measured there. Times are those of this end's clock.", \
	  "两端分别在各自的机器上记录：没有括号的都是在那里实际测得的。时间以本端的时钟为" \
	  "准。") \
	X(WIRE_UNKNOWN, \
	  "Both ends are as a capture saw their segments pass by; where it was made, nothing " \
	  "tells.", \
	  "两端都是抓包所见；无从得知在何处抓取。") \
	X(WIRE_CLIENT, \
	  "Both ends are as a capture saw their segments pass by: near the client, it seems.", \
	  "两端都是抓包所见：看来是在客户端附近抓取的。") \
	X(WIRE_SERVER, \
	  "Both ends are as a capture saw their segments pass by: near the server, it seems.", \
	  "两端都是抓包所见：看来是在服务器附近抓取的。") \
	X(WIRE_BETWEEN, \
	  "Both ends are as a capture saw their segments pass by: between them, it seems.", \
	  "两端都是抓包所见：看来是在两者之间抓取的。") \
	X(WIRE_AND_HOST, \
	  "One end was recorded on its machine; of the other one a capture saw the segments " \
	  "pass by. Times are those of this end's clock.", \
	  "一端是在它的机器上记录的；另一端是抓包所见的报文段。时间以本端的时钟为准。") \
	X(CLOCKS, "clocks", "时钟") \
	X(CLOCK_BY, "handshakes: {n}", "握手 {n} 次") \
	X(CLOCK_DRIFT, "drift", "漂移") \
	X(CLOCK_UNBOUNDED, \
	  "Nothing that both have measured tells how far their clocks are apart: times of the " \
	  "other end are left out.", \
	  "双方的测量不足以说明两个时钟相差多少：略去对端的时间。") \
	X(CLOCK_CONTRADICTORY, \
	  "No steady difference of their clocks fits all {n} handshakes, as if one had been " \
	  "set: times of the other end are left out.", \
	  "没有一个稳定的时钟差符合全部 {n} 次握手，好像有一个时钟被调过：略去对端的时" \
	  "间。") \
	X(ON_ITS_WAY, \
	  "On its way for {t} +-{d}.", \
	  "在途 {t}，误差 +-{d}。") \
	X(ITSELF_MEASURED, \
	  "Both ends are one socket, which is connected to itself: what stands without " \
	  "parentheses was measured.", \
	  "两端是同一个套接字，它连接到了自己：没有括号的都是实际测得的。") \
	X(ONE_MEASURED, \
	  "The other end is not on this machine, or not traced: its states, in parentheses, " \
	  "are what RFC 9293 implies.", \
	  "对端不在本机或没有被跟踪：括号中是按 RFC 9293 推出的状态。") \
	X(ONE_LEFT, \
	  "The other end is not on this machine, not traced, or over and not kept: its " \
	  "states, in parentheses, are what RFC 9293 implies.", \
	  "对端不在本机、没有被跟踪，或者已经结束而未保留：括号中是按 RFC 9293 推出的状态。") \
	X(ONE_UNSENT, \
	  "Nothing was sent: the other end does not know of it.", \
	  "什么也没有发出：对端对此一无所知。") \
	X(SINCE, "SINCE", "间隔") \
	X(SEGMENT, "SEGMENT", "报文段") \
	X(IS_OPEN, "still open", "仍然打开") \
	X(IS_CLOSED, "closed in order", "正常关闭") \
	X(IS_REFUSED, "refused", "被拒绝") \
	X(IS_TIMED_OUT, "timed out", "超时") \
	X(IS_UNREACHABLE, "unreachable", "不可达") \
	X(IS_RESET_SENT, "reset by this end", "被本端复位") \
	X(IS_RESET_RECEIVED, "reset by the other end", "被对端复位") \
	X(IS_ABORTED, "ended by this end without a FIN", "本端未发 FIN 就结束") \
	X(IS_UNSENT, "ended before a SYN was sent", "发送 SYN 之前就结束") \
	X(IS_DROPPED, "ended by this end before its FIN was acknowledged", \
	  "本端的 FIN 未被确认就结束") \
	X(IS_LEFT, "ended by this end before the FIN of the other end", \
	  "对端的 FIN 到来之前本端就结束") \
	X(IS_HANDSHAKE_ABANDONED, "the handshake was abandoned", "握手被放弃") \
	X(IS_OVERFLOW, "the accept queue was full", "accept 队列已满") \
	X(IS_LISTENER_CLOSED, "the listener was closed", "监听套接字已关闭") \
	X(IS_KILLED, "ended by an administrator", "被管理员结束") \
	X(IS_UNKNOWN, "its end was not seen", "没有看到它的结束") \
	X(FIRST_LOCAL, "this end closed first", "本端先关闭") \
	X(FIRST_REMOTE, "the other end closed first", "对端先关闭") \
	X(FIRST_BOTH, "both closed at once", "双方同时关闭") \
	X(HANDSHAKE, "handshake {t}", "握手 {t}") \
	X(NUMBERS, "numbers", "序号") \
	X(TIMES, "({n} times)", "（{n} 次）") \
	X(BYTE, "{n} byte", "{n} 字节") \
	X(BYTES, "{n} bytes", "{n} 字节")

#define LADDER_PHRASES_DEMO(X) \
	X(DEMO_LIST, \
	  "Real sockets play it in a network of its own: tcpspan explain --demo STORY", \
	  "由真实的套接字在自己的网络中演示：tcpspan explain --demo STORY") \
	X(DEMO_RECORDED, \
	  "It cannot be played here, so this is the recording that is built in", \
	  "这里无法演示，以下是内置的记录") \
	X(DEMO_STUCK, \
	  "Nothing on the wire tells that somebody forgot to close. stuck does:", \
	  "线路上看不出有人忘了关闭。stuck 看得出：") \
	X(ASK_LOCAL, "state of this end?", "本端的状态？") \
	X(ASK_REMOTE, "state of the other end?", "对端的状态？") \
	X(ASK_RIGHT, "right", "正确") \
	X(ASK_WRONG, "no, it is", "不对，应该是") \
	X(ASK_NO_STATE, "no state of TCP; one is ESTABLISHED", \
	  "这不是 TCP 的状态；例如 ESTABLISHED 是") \
	X(ASK_NOTHING, "What happens next?", "接下来会怎样？") \
	X(ASK_SCORE, "right: {n}", "答对 {n}，") \
	X(ASK_OF, "of {n}", "共 {n} 题")
/* clang-format on */

enum ladder_phrase {
	LADDER_SAYS_NOTHING,
#define X(NAME, en, zh) LADDER_SAYS_##NAME,
	LADDER_PHRASES(X)
#undef X
		LADDER_PHRASE_COUNT
};

#endif
