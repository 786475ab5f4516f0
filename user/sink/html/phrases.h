/* SPDX-License-Identifier: GPL-2.0-only */
/* Every sentence of a report, in each language; what is said here is said nowhere else. */
#ifndef USER_SINK_HTML_PHRASES_H
#define USER_SINK_HTML_PHRASES_H

/*
 * X(NAME, "English", "Chinese"): {a}, {b} and so on are filled in, {a|one|many} is the one word
 * where {a} is 1 and the other one else.
 */
/* clang-format off */
#define HTML_PHRASES(X)       \
	HTML_PHRASES_PAGE(X)      \
	HTML_PHRASES_VERDICT(X)   \
	HTML_PHRASES_CHANGES(X)   \
	HTML_PHRASES_MEASURED(X)  \
	HTML_PHRASES_MACHINE(X)   \
	HTML_PHRASES_TIMES(X)     \
	HTML_PHRASES_FAILURES(X)  \
	HTML_PHRASES_COURSE(X)    \
	HTML_PHRASES_SHOWN(X)     \
	HTML_PHRASES_METHOD(X)

#define HTML_PHRASES_PAGE(X) \
	X(TITLE, "TCP connections", "TCP 连接报告") \
	X(OF_HOST, "TCP connections of {a}", "{a} 的 TCP 连接报告") \
	X(SPAN, "{a}, for {b}", "{a} 起，历时 {b}") \
	X(SKIP, "To the verdict", "跳到结论") \
	X(CONTENTS, "Contents", "目录") \
	X(AS_TABLE, "As a table", "以表格查看") \
	X(UNKNOWN, "unknown", "未知") \
	X(NONE, "none", "无") \
	X(OTHERS, "all others", "其余全部") \
	X(COUNT, "count", "数量") \
	X(SHARE_OF_ALL, "share", "占比") \
	X(P50, "p50", "p50") \
	X(P90, "p90", "p90") \
	X(P99, "p99", "p99") \
	X(P999, "p99.9", "p99.9") \
	X(STATE, "state", "状态") \
	X(FROM, "from", "从") \
	X(TO, "to", "到") \
	X(MADE_BY, \
	  "Made by tcpspan {a}. This page is complete in itself and asks nothing of any " \
	  "network.", \
	  "由 tcpspan {a} 生成。本页自成一体，不访问任何网络。")

#define HTML_PHRASES_VERDICT(X) \
	X(VERDICT, "Verdict", "结论") \
	X(GRADE_BAD, "bad", "严重") \
	X(GRADE_LOOK, "worth a look", "值得留意") \
	X(GRADE_FINE, "fine", "正常") \
	X(EVIDENCE, "evidence", "依据") \
	X(SAYS_EMPTY, \
	  "No connection was seen: nothing happened, or the filters left nothing.", \
	  "没有看到任何连接：什么也没有发生，或者过滤条件没有留下任何连接。") \
	X(SAYS_LOST, \
	  "{a} {a|event was|events were} lost: counts may be too low, and some lives have " \
	  "gaps.", \
	  "丢失了 {a} 个事件：计数可能偏低，部分连接的经历有缺口。") \
	X(SAYS_DAMAGED, \
	  "Not all of the recording could be read: this page is about the part that could.", \
	  "录制文件没有全部读出：本页只涉及读出的部分。") \
	X(SAYS_PARTIAL, \
	  "Some parts of the recording are not here: this page is about the others.", \
	  "录制的一些部分不在这里：本页只涉及其余部分。") \
	X(SAYS_FAILED, \
	  "{a} of {b} {b|connection|connections} failed ({c}), {d} of them for the commonest " \
	  "reason: {e}.", \
	  "{b} 个连接中有 {a} 个失败（{c}），其中最多的 {d} 个原因是：{e}。") \
	X(SAYS_STUCK, \
	  "{a} {a|connection hangs|connections hang} in {b}, the oldest one for {c}.", \
	  "{a} 个连接停滞在 {b}，最久的已有 {c}。") \
	X(SAYS_UNACCEPTED, \
	  "{a} {a|connection waits|connections wait} for somebody to accept {a|it|them}, the " \
	  "oldest one for {b}.", \
	  "{a} 个连接等待 accept，最久的已有 {b}。") \
	X(SAYS_OVERFLOWS, \
	  "Listeners dropped {a} {a|segment|segments}, {b} of them because an accept queue " \
	  "was full.", \
	  "监听套接字丢弃了 {a} 个报文段，其中 {b} 个是因为 accept 队列已满。") \
	X(SAYS_ACCEPT_SLOW, \
	  "Of {a} accepted connections, one in a hundred waited longer than {b} for its " \
	  "accept.", \
	  "在 {a} 个被 accept 的连接中，百分之一等待 accept 超过 {b}。") \
	X(SAYS_RESENT, \
	  "Of {a} client handshakes, one in a hundred took longer than {b}: a SYN, or the " \
	  "answer, was lost and sent again.", \
	  "在 {a} 次客户端握手中，百分之一超过 {b}：SYN 或其应答丢失后被重发。") \
	X(SAYS_PORTS, \
	  "Connects to one destination had {a} ports at a time, TIME_WAIT included; the " \
	  "usual range has {b}.", \
	  "对同一目的地的连接（含 TIME_WAIT）曾同时占用 {a} 个端口；通常的范围有 {b} 个。") \
	X(SAYS_HALF_OPEN, \
	  "{a} half-open {a|request|requests} never became a connection.", \
	  "{a} 个半开请求始终没有成为连接。") \
	X(SAYS_INCOMPLETE, \
	  "Of {a} of {b} connections a part of the life is not known.", \
	  "{b} 个连接中有 {a} 个的经历不完整。") \
	X(SAYS_ORDERLY, \
	  "{a|The one connection that ended did so in order|All {a} connections that ended " \
	  "did so in order}.", \
	  "已结束的 {a} 个连接全部正常关闭。") \
	X(SAYS_CONNECTIONS, \
	  "{a} {a|connection was|connections were} opened, {b} closed, and {c} {c|is|are} " \
	  "still open.", \
	  "打开了 {a} 个连接，关闭了 {b} 个，{c} 个仍然打开。") \
	X(SAYS_CLIENTS, \
	  "Of {a} {a|handshake|handshakes} of clients here, half took up to {b}, and " \
	  "ninety-nine in a hundred up to {c}.", \
	  "本机作为客户端的 {a} 次握手中，一半不超过 {b}，百分之九十九不超过 {c}。") \
	X(SAYS_SERVERS, \
	  "Of {a} {a|handshake|handshakes} of servers here, half took up to {b}, and " \
	  "ninety-nine in a hundred up to {c}.", \
	  "本机作为服务器的 {a} 次握手中，一半不超过 {b}，百分之九十九不超过 {c}。") \
	X(SAYS_TIME_WAITS, \
	  "Of {a} {a|TIME_WAIT|TIME_WAITs} half lasted up to {b}.", \
	  "{a} 个 TIME_WAIT 中，一半不超过 {b}。") \
	X(SAYS_CHANGED, \
	  "{a} of {b} numbers {a|differs|differ} from the run before by more than chance, most " \
	  "of all {c}: {d} before, {e} now.", \
	  "与之前的一次相比，{b} 个数字中有 {a} 个的变化超出偶然，变化最大的是 {c}：之前 {d}，现在 {e}。") \
	X(SAYS_SAME, \
	  "None of {a} numbers differs from the run before by more than chance.", \
	  "与之前的一次相比，{a} 个数字的差别都未超出偶然。")

#define HTML_PHRASES_CHANGES(X) \
	X(CHANGES, "What changed", "变化") \
	X(CHANGES_ABOUT, \
	  "Compared with a run before. A change is told of where it is larger than chance would " \
	  "have it, the largest one first, with the least that it surely is; no shape of the " \
	  "values is assumed.", \
	  "与之前的一次相比。只有超出偶然的变化才被列出，最大的在前，并给出至少有多大；不假定数值的分布形状。") \
	X(NOT_COMPARED, \
	  "The run before could not be read to its end: nothing is compared.", \
	  "之前的一次没有读完：未作比较。") \
	X(FILTERS_DIFFER, \
	  "The two were filtered differently: what has changed may be what was left out.", \
	  "两者的过滤条件不同：变化的可能只是被略去的部分。") \
	X(TWO_RUNS, "Both runs", "两次") \
	X(RUN, "run", "哪一次") \
	X(BEFORE, "before", "之前") \
	X(AFTER, "now", "现在") \
	X(BEFORE_IN, "before: {a}", "之前：{a}") \
	X(CHANGED_NUMBERS, "What has changed", "变化的") \
	X(OTHER_NUMBERS, "What has not changed, or cannot be told", "未变化的或无法判断的") \
	X(CHANGED_BY, "change", "变化") \
	X(SURELY, "at least", "至少") \
	X(TOO_FEW, "too few", "数量太少") \
	X(FACTORS, "By which factor, and between which bounds", "变化的倍数及其界限") \
	X(FACTORS_DESC, \
	  "By which factor each number has changed, and between which bounds that surely is; the " \
	  "table has all of it.", \
	  "每个数字变化的倍数及其可信的界限；表格列出全部。") \
	X(THE_SAME, "the same", "不变") \
	X(CHANGE_BAR, "{a}: {b}, at least {c}", "{a}：{b}，至少 {c}") \
	X(SOME_CHANGED, \
	  "{a} of {b} numbers {a|has|have} changed by more than chance would have it.", \
	  "{b} 个数字中有 {a} 个的变化超出偶然。") \
	X(NONE_CHANGED, \
	  "No change: none of {a} numbers differs by more than chance would have it.", \
	  "没有变化：{a} 个数字的差别都未超出偶然。") \
	X(TOO_LITTLE, \
	  "No change can be told: there is too little to compare.", \
	  "可比较的太少，无法判断有没有变化。") \
	X(BEFORE_LOST, \
	  "The run before has lost {a} {a|event|events}: its counts are too low, and parts of " \
	  "its connections are missing.", \
	  "之前的一次丢失了 {a} 个事件：其计数偏低，部分连接不完整。") \
	X(BEFORE_EVICTED, \
	  "The run before has forgotten {a} {a|connection|connections} for lack of room.", \
	  "之前的一次因空间不足放弃了 {a} 个连接。") \
	X(ONLY_ONE_FOLLOWS, \
	  "Only one of both runs has hooks of the family {a}: what that tells of differs.", \
	  "只有其中一次有 {a} 类挂钩：依赖它的数字有所不同。")

#define HTML_PHRASES_MEASURED(X) \
	X(MEASURED, "Measured, lost, unknown", "测到的、丢失的、未知的") \
	X(WHERE, "recorded on", "录制于") \
	X(AND_MORE, "and {a} more", "另有 {a} 个") \
	X(KERNEL, "kernel", "内核") \
	X(RECORDINGS, "recordings", "录制文件") \
	X(LIVE, "this run, live", "本次实时跟踪") \
	X(BEGAN, "began", "开始") \
	X(LASTED, "lasted", "历时") \
	X(CONNECTIONS, "connections", "连接") \
	X(OPENED, "opened", "打开") \
	X(CLOSED, "closed", "关闭") \
	X(STILL_OPEN, "still open", "仍打开") \
	X(OLDER, "older than the run", "早于本次跟踪") \
	X(FAILED, "failed", "失败") \
	X(HALF_OPEN, "half-open requests that died", "失败的半开请求") \
	X(EVENTS, "events", "事件") \
	X(RECEIVED, "received", "收到") \
	X(FILTERED, "filtered", "被过滤") \
	X(LOST, "lost", "丢失") \
	X(NONE_LOST, \
	  "Nothing was lost: every event that the kernel told of was received.", \
	  "没有丢失：内核报告的每个事件都已收到。") \
	X(UNKNOWN_LOST, \
	  "How many events were lost is not known: not all of the recording could be read.", \
	  "丢失了多少事件未知：记录没有能全部读取。") \
	X(CAPTURED, \
	  "Concluded from {a} captured {a|packet|packets}: what no segment tells is not known. " \
	  "Times of an end are when its segments passed by, and its own where that was near. " \
	  "Handshakes count from the SYN, at both ends.", \
	  "由抓到的 {a} 个数据包推断：报文段不能说明的就是未知。某一端的时间是其报文段经过抓包处的" \
	  "时间，在它附近抓取时即为它自己的时间。两端的握手都从 SYN 算起。") \
	X(NEAR_CLIENT, "captured near the client, it seems", "看来在客户端附近抓取") \
	X(NEAR_SERVER, "captured near the server, it seems", "看来在服务器附近抓取") \
	X(BETWEEN_ENDS, "captured between the ends, it seems", "看来在两端之间抓取") \
	X(NOT_CAPTURED, "packets dropped before they were captured", "抓取前被丢弃的数据包") \
	X(UNSEEN_DATA, "acknowledgements of what was not captured", "确认了未抓到的数据") \
	X(SOME_LOST, \
	  "{a} {a|event was|events were} lost. Where a step is missing it is inferred, and " \
	  "the durations on both sides of it are withheld.", \
	  "丢失了 {a} 个事件。缺失的步骤由前后推断，其两侧的时长不予给出。") \
	X(INCOMPLETE, "a part of the life not known", "经历不完整") \
	X(INFERRED, "transitions that were inferred", "推断出的状态转换") \
	X(EVICTED, "forgotten alive, for lack of room", "因空间不足而在存活时放弃") \
	X(TIME_WAITS_EVICTED, "forgotten in TIME_WAIT, for lack of room", \
	  "因空间不足而在 TIME_WAIT 时放弃") \
	X(HOOKS, "hooks in use", "使用的挂钩") \
	X(SAMPLED, "followed, of all that began", "被跟踪的连接占比")

#define HTML_PHRASES_MACHINE(X) \
	X(MACHINE, "State machine", "状态机") \
	X(MACHINE_ABOUT, \
	  "Each box is a state with how many connections came into it, and how long they " \
	  "stayed; an arrow is as thick as its traffic. What is red and hatched is stuck.", \
	  "每个方框是一个状态，标有进入的连接数和停留时长；箭头越粗，经过的连接越多。红色斜纹表示停滞。") \
	X(MACHINE_DESC, \
	  "The states of TCP as a graph; the table below has all of its numbers.", \
	  "TCP 状态图；下方表格列出全部数字。") \
	X(BEGIN, "begin", "开始") \
	X(END, "end", "结束") \
	X(ENTERED, "came in", "进入") \
	X(DWELL, "stayed", "停留") \
	X(NOW, "in it at the end", "结束时仍在") \
	X(STUCK, "stuck", "停滞") \
	X(OLDEST, "oldest", "最久") \
	X(ENDED_HERE, "{a} ended here", "{a} 个在此结束") \
	X(IN_IT, "{a} in it", "{a} 个仍在") \
	X(STUCK_IN_IT, "{a} stuck", "{a} 个停滞") \
	X(TRANSITIONS, "Transitions", "状态转换")

#define HTML_PHRASES_TIMES(X) \
	X(HANDSHAKES, "Handshakes", "握手") \
	X(CLIENT, "client: first SYN to ESTABLISHED", "客户端：首个 SYN 到 ESTABLISHED") \
	X(SERVER, "server: first SYN-ACK to its ACK", "服务器：首个 SYN-ACK 到 ACK") \
	X(NOT_MEASURED, "None was measured.", "没有测到。") \
	X(DISTRIBUTION, "how many took how long", "时长分布") \
	X(PERCENTILES, "how long, of so many in a hundred", "百分位曲线") \
	X(HISTOGRAM_DESC, \
	  "{a} values from {b} to {c}: half up to {d}, ninety-nine in a hundred up to {e}.", \
	  "{a} 个值，从 {b} 到 {c}：一半不超过 {d}，百分之九十九不超过 {e}。") \
	X(BAR, "{a} from {b} to {c}", "{a} 个，{b} 到 {c}") \
	X(POINT, "{a} in a hundred up to {b}", "百分之 {a} 不超过 {b}") \
	X(MEASURE, "what", "项目") \
	X(MEAN, "mean", "平均") \
	X(LEAST, "least", "最小") \
	X(MOST, "most", "最大") \
	X(UNMEASURED, "not measured", "未测到") \
	X(ALL_TIMES, "All durations", "全部时长")

#define HTML_PHRASES_FAILURES(X) \
	X(FAILURES, "Failures", "失败") \
	X(NO_FAILURES, "Nothing failed.", "没有失败。") \
	X(BY_CAUSE, "By cause", "按原因") \
	X(CAUSE, "cause", "原因") \
	X(MEANING, "what it means", "含义") \
	X(BY_SERVICE, "By service and process", "按服务和进程") \
	X(PROCESS, "process", "进程") \
	X(SERVICE, "service", "服务") \
	X(OWN_PORT, "own port {a}", "本机端口 {a}") \
	X(AT_LEAST, "at least {a}", "至少 {a}") \
	X(ONE_OF_THEM, "One of them, step by step", "其中一个的逐步经过") \
	X(STEPS, "What each step means", "每一步的含义") \
	X(LADDER_DESC, \
	  "Segments between {a} and {b}, in the order of time.", \
	  "{a} 与 {b} 之间的报文段，按时间排列。") \
	X(ROLE_CLIENT, "client", "客户端") \
	X(ROLE_SERVER, "server", "服务器") \
	X(CLOCKS_APART, \
	  "The clock of {a} is brought onto that of {b}, to within {c}, by {d} handshakes " \
	  "that both have recorded.", \
	  "{a} 的时钟已换算到 {b} 的时钟，误差不超过 {c}，依据双方都记录的 {d} 次握手。") \
	X(BYTES, "{a} {a|byte|bytes}", "{a} 字节")

#define HTML_PHRASES_COURSE(X) \
	X(TIMELINE, "Timeline", "时间线") \
	X(TIMELINE_ABOUT, \
	  "How many were opened, closed and failed in each {a}, and beneath it how many were " \
	  "open.", \
	  "每 {a} 内打开、关闭和失败的连接数，其下是当时打开着的连接数。") \
	X(TIMELINE_UNPLACED, \
	  "{a} {a|beginning or end is|beginnings and ends are} in none of them: when that was is " \
	  "not known.", \
	  "其中缺少 {a} 次开始或结束：其时间未知。") \
	X(TIMELINE_DESC, \
	  "Connections that were opened, closed and failed in the course of time, and how " \
	  "many were open; the table has all of its numbers.", \
	  "随时间打开、关闭、失败的连接数以及打开着的连接数；表格列出全部数字。") \
	X(STILL_OPEN_THEN, "open at the time", "当时打开着") \
	X(SINCE_START, "since the start", "自开始起") \
	X(HEAT, "Latency in the course of time", "延迟随时间的变化") \
	X(HEAT_ABOUT, \
	  "Each cell is a duration of handshakes at a time; the stronger its colour, the " \
	  "more: each of up to six steps is at least twice as many as the one before.", \
	  "每一格是某一时刻某一时长的握手；颜色越浓，数量越多：最多六级，每级至少是前一级的两倍。") \
	X(HEAT_DESC, \
	  "How many handshakes took how long, when; the table sums them up.", \
	  "各时刻握手的时长分布；表格给出汇总。") \
	X(LONGER_THAN, "from", "不短于") \
	X(QUARTER_1, "first quarter", "第一个四分之一") \
	X(QUARTER_2, "second quarter", "第二个四分之一") \
	X(QUARTER_3, "third quarter", "第三个四分之一") \
	X(QUARTER_4, "fourth quarter", "第四个四分之一") \
	X(LADDERS, "The slowest and the longest", "最慢的和最久的") \
	X(SLOWEST_CLIENT, "Slowest handshake of a client", "最慢的客户端握手") \
	X(SLOWEST_SERVER, "Slowest handshake of a server", "最慢的服务器握手") \
	X(LONGEST_LIFE, "Longest life", "存活最久") \
	X(LONGEST_CLOSE_WAIT, "Longest in CLOSE_WAIT", "在 CLOSE_WAIT 中最久") \
	X(LONGEST_FIN_WAIT2, "Longest in FIN_WAIT2", "在 FIN_WAIT2 中最久") \
	X(LONGEST_FIN_WAIT1, "Longest in FIN_WAIT1", "在 FIN_WAIT1 中最久") \
	X(LONGEST_LAST_ACK, "Longest in LAST_ACK", "在 LAST_ACK 中最久") \
	X(LONGEST_ACCEPT_WAIT, "Longest wait for accept", "等待 accept 最久") \
	X(SAME_AS, "It is the connection that stands above: {a}.", "即上面的那个连接：{a}。")

#define HTML_PHRASES_SHOWN(X) \
	X(STUCK_AND_LEAKS, "Stuck and leaks", "停滞与泄漏") \
	X(IN_QUEUE, "ESTABLISHED, never accepted", "ESTABLISHED，从未 accept") \
	X(NOBODY_HANGS, "Nobody was stuck when the run ended.", "结束时没有停滞的连接。") \
	X(WHO_HANGS, "Who is stuck at the end", "结束时停滞的连接") \
	X(AGE_AGAINST_TIME, "How many, and how old", "数量与时长") \
	X(IN_IT_THEN, "in it", "处于该状态") \
	X(AGE_ABOUT, \
	  "Above: how many are in it. Below: for how long the oldest one is, to within {a}. " \
	  "A leak is a slope that never falls.", \
	  "上：处于该状态的数量。下：其中最久者的时长，误差不超过 {a}。泄漏表现为一条从不下降的斜线。") \
	X(AGE_DESC, \
	  "How many are in the state in the course of time, and the age of the oldest one; " \
	  "the table has the numbers.", \
	  "随时间处于该状态的数量及最久者的时长；表格列出数字。") \
	X(TIME_WAITS, "TIME_WAIT and ports", "TIME_WAIT 与端口") \
	X(HOW_LONG, "How long it lasted", "持续时长") \
	X(WHAT_ENDED_IT, "What ended it", "结束原因") \
	X(END_OF_IT, "end", "结束") \
	X(PORTS_USED, "Ports used for each destination", "每个目的地使用的端口") \
	X(PORTS_ABOUT, \
	  "A connect takes a local port, which serves once for each destination until its " \
	  "TIME_WAIT is over. The usual range has {a}; a recording does not know the range " \
	  "of its machine.", \
	  "每次 connect 占用一个本地端口，在 TIME_WAIT 结束之前，同一目的地不能重用。通常的范围有 {a} 个端口；录制文件不含那台机器的实际范围。") \
	X(PORTS_OTHERS, "{a} connections went to other destinations.", "另有 {a} 个连接去往其他目的地。") \
	X(REMOTE, "remote", "远端") \
	X(LOCAL, "from", "本地") \
	X(PORTS_AT_A_TIME, "ports at a time, at most", "同时占用端口的最大数") \
	X(OF_USUAL, "of the usual range", "占通常范围") \
	X(LISTENERS, "Listeners", "监听套接字") \
	X(NO_LISTENERS, "Nobody was heard of who listens.", "没有听到有谁在监听。") \
	X(MORE_LISTENERS, "{a} more are not shown.", "另有 {a} 个未显示。") \
	X(ACCEPT_WAIT, \
	  "Wait for accept: ESTABLISHED to accept", \
	  "等待 accept：ESTABLISHED 到 accept") \
	X(LISTENER, "listener", "监听地址") \
	X(ACCEPTED, "accepted", "已 accept") \
	X(NEVER_ACCEPTED, "never accepted", "从未 accept") \
	X(WAIT_P50, "wait p50", "等待 p50") \
	X(WAIT_P99, "wait p99", "等待 p99") \
	X(WAIT_MOST, "longest wait", "最长等待") \
	X(OVERFLOWED, "died at a full queue", "因队列已满而失败") \
	X(PARTIES, "Whose they were", "归属") \
	X(BY_PROCESS, "By process", "按进程") \
	X(BY_UNIT, "By unit", "按单元") \
	X(BY_POD, "By pod", "按 Pod") \
	X(BY_REMOTE, "By remote address", "按远端地址") \
	X(NAME, "name", "名称") \
	X(FAILED_SHARE, "failed, share", "失败占比") \
	X(CLOSE_WAIT, "CLOSE_WAIT", "CLOSE_WAIT") \
	X(TIME_WAIT, "TIME_WAIT", "TIME_WAIT") \
	X(HANDSHAKE_MEAN, "handshake, mean", "握手平均")

#define HTML_PHRASES_METHOD(X) \
	X(METHOD, "Method and limits", "方法与限制") \
	X(METHOD_LIFE, \
	  "A connection is followed from its first SYN, or SYN-ACK, to its last state, " \
	  "TIME_WAIT included, whatever object of the kernel holds it. Its owner is who " \
	  "called connect or accept.", \
	  "每个连接从首个 SYN（或 SYN-ACK）跟踪到最后一个状态，包括 TIME_WAIT，无论内核用哪个对象保存它。其所有者是调用 connect 或 ac" \
	  "cept 的进程。") \
	X(METHOD_PERCENTILES, \
	  "Percentiles are within 1 % of the true value from 1 µs to 1 day; least, most and " \
	  "mean are exact.", \
	  "从 1 微秒到 1 天，百分位数与真值相差不超过 1 %；最小值、最大值和平均值是精确的。") \
	X(METHOD_UNKNOWN, \
	  "What is not known is said to be unknown and counts in no average: durations " \
	  "beside a lost event, or older than the run.", \
	  "未知的一律标为未知，不计入任何平均值：例如丢失事件两侧的时长，或早于本次跟踪的部分。") \
	X(METHOD_CAUSES, \
	  "A cause is claimed only with its evidence: a reset that was seen, an error that " \
	  "the kernel reported, a timer that ran out.", \
	  "只有具备证据才给出原因：看到的 RST、内核报告的错误、到期的定时器。") \
	X(METHOD_SAME, \
	  "Each number equals that of {a} for the same recordings.", \
	  "每个数字都与 {a} 对同一录制给出的相同。")
/* clang-format on */

enum html_phrase {
#define X(NAME, en, zh) HTML_##NAME,
	HTML_PHRASES(X)
#undef X
		HTML_PHRASE_COUNT
};

#endif
