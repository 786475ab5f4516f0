/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said where stacks cannot be named any more, in each language. */
#ifndef USER_STACKS_COMPLAINTS_H
#define USER_STACKS_COMPLAINTS_H

/* X(NAME, "English", "Chinese"). */
/* clang-format off */
#define STACKS_COMPLAINTS(X) \
	X(HELPER_ENDED, \
	  "the helper that names stacks has ended: who opens connections is unknown from here on", \
	  "为调用栈命名的辅助进程已结束：从此由谁打开连接不明")
/* clang-format on */

#endif
