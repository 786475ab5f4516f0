/* SPDX-License-Identifier: GPL-2.0-only */
/* What may be wrong with a file or a terminal, as others say it in English, in each language. */
#ifndef USER_RUN_FAULTS_H
#define USER_RUN_FAULTS_H

#include "user/base/language.h"

/* X("English", "Chinese"). */
/* clang-format off */
#define RUN_FAULTS(X) \
	X("it is empty", "它是空的") \
	X("it is no recording of tcpspan, nor a packet capture", \
	  "它不是 tcpspan 的记录，也不是抓包文件") \
	X("it ends within its head", "它在头部中间就结束了") \
	X("it was recorded on a machine of the other byte order, which this one cannot " \
	  "read", \
	  "它录自字节序相反的机器，这台机器不能读取") \
	X("its head is damaged", "它的头部已损坏") \
	X("it was recorded by a newer tcpspan: use one as new to read it", \
	  "它由更新的 tcpspan 记录：请用同样新的来读取") \
	X("its head makes no sense", "它的头部没有意义") \
	X("its head claims more bytes than any head has", "它的头部声称的字节数超过任何头部") \
	X("no block begins here", "这里没有块开始") \
	X("the head of a block is damaged", "一个块的头部已损坏") \
	X("a block claims more bytes than any block has", "一个块声称的字节数超过任何块") \
	X("a block is damaged", "一个块已损坏") \
	X("a block contradicts itself", "一个块自相矛盾") \
	X("a block is packed in a way that is not known", "一个块的压缩方式不明") \
	X("a block cannot be unpacked", "一个块无法解压") \
	X("a block has not the room for its records", "一个块放不下它的记录") \
	X("a block is out of its order", "一个块的次序不对") \
	X("its counters go back", "它的计数后退") \
	X("its counters do not add up", "它的计数不相符") \
	X("a part begins before the one in front of it has ended", \
	  "一个部分在前一个结束之前就开始") \
	X("the part before it is missing", "缺少它之前的部分") \
	X("something else follows behind its end", "它的结尾之后还有别的内容") \
	X("it is cut short within a block", "它在一个块中间被截断") \
	X("it is cut short: its last block is missing", "它被截断：缺少最后一块") \
	X("it is a part that was there before", "这个部分之前已有") \
	X("this part of it is given twice", "它的这个部分给了两次") \
	X("it has changed meanwhile", "其间它有变化") \
	X("a record is of no known kind", "一条记录的种类不明") \
	X("a block has more records than it says", "一个块的记录多于它声称的") \
	X("it has more records than were to be read", "它的记录多于要读取的") \
	X("a block has fewer records than it says", "一个块的记录少于它声称的") \
	X("it has more than 65536 interfaces", "它有超过 65536 个接口") \
	X("there is no memory for its interfaces", "没有放它的接口的内存") \
	X("it is read further ahead than can be kept in mind", "它被提前读取得太远，无法记住") \
	X("a section of it, which should be a file of its own, has another order of " \
	  "bytes than the first", \
	  "它的一节的字节序与第一节不同，该节本应是单独的文件") \
	X("it is a capture of a link layer that is not understood", "它抓取的链路层无法理解") \
	X("what is packed in it is no packet capture", "压缩在其中的不是抓包文件") \
	X("the gzip stream is damaged", "gzip 流已损坏") \
	X("the zstd stream is damaged, or wants a window of over 128 MiB", \
	  "zstd 流已损坏，或需要超过 128 MiB 的窗口") \
	X("it ends in the middle of the packed stream", "它在压缩流的中间结束") \
	X("the packed stream makes no sense", "压缩流没有意义") \
	X("it is a capture, and this program was built without libpcap", \
	  "它是抓包文件，而这个程序构建时没有 libpcap") \
	X("a part of that name is there already, and none is written over", \
	  "同名的部分已经存在，不会覆盖任何文件") \
	X("it is a symbolic link, and none is followed: name what it points to, or let " \
	  "--output be \"-\"", \
	  "它是符号链接，不会跟随：请给出它所指的，或令 --output 为 \"-\"") \
	X("it is neither a file nor a pipe", "它既不是文件也不是管道") \
	X("it belongs to somebody else", "它属于别人") \
	X("it has other names, too", "它还有别的名称") \
	X("others may write to it", "别人可以写入它") \
	X("no thread can be made here, for want of processes or of memory", \
	  "这里无法建立线程：进程数或内存不够") \
	X("nobody reads from it", \
	  "没有人从中读取") \
	X("this program was built without ncurses", \
	  "这个程序构建时没有 ncurses") \
	X("its keyboard cannot be read", \
	  "无法读取它的键盘") \
	X("it cannot be made ready", \
	  "无法使它就绪") \
	X("nothing is known of a terminal of this kind (TERM)", \
	  "对这种终端（TERM）一无所知") \
	X("the cursor of this kind (TERM) cannot be moved", \
	  "这种终端（TERM）的光标无法移动")
/* clang-format on */

/* It in the language; as it is where there is no other, such as of what a library has said. */
const char *fault_in(const char *english, enum ladder_language language);

#endif
