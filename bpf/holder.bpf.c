// SPDX-License-Identifier: GPL-2.0-only
/* The holder family: which process holds which socket by which descriptor. */
#include "bpf/tracer.bpf.h"

/*
 * A socket's inode is enough to know it by, and its file system to tell it from other files: that
 * takes neither a helper nor an address, so it is the same on every kernel.
 */
static __always_inline bool is_socket(const struct file *file)
{
	return file->f_inode->i_sb->s_magic == SOCKFS_MAGIC && !(file->f_mode & FMODE_PATH);
}

/* Threads share their table of descriptors, unless one has made itself another. */
static __always_inline bool is_repeated(const struct task_struct *task)
{
	return task->pid != task->tgid && task->group_leader->files == task->files;
}

SEC("?iter/task_file")
int holder_iter(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task, *leader;
	struct event_holder holder = {};
	struct file *file = ctx->file;
	const __u64 *comm;

	if (!task || !file || !is_socket(file) || is_repeated(task))
		return 0;
	leader = task->group_leader;
	comm = (const __u64 *)&leader->comm;
	holder.inode = file->f_inode->i_ino;
	holder.pid = task->tgid;
	holder.fd = ctx->fd;
	((__u64 *)holder.comm)[0] = comm[0];
	((__u64 *)holder.comm)[1] = comm[1];
	holder.uid = leader->real_cred->uid.val;
	holder.netns = leader->nsproxy->net_ns->ns.inum;
	bpf_seq_write(ctx->meta->seq, &holder, sizeof(holder));
	return 0;
}
