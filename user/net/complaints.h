/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong with requests and with what they need, in each language. */
#ifndef USER_NET_COMPLAINTS_H
#define USER_NET_COMPLAINTS_H

#include "user/base/log.h"

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define NET_COMPLAINTS(X) \
	X(AT_LINE, "line {n}: {w}", "第 {n} 行：{w}") \
	X(CLIENT_AUTH, \
	  "client_auth_type is none of those that there are", \
	  "client_auth_type 不是已有的任何一种") \
	X(MIN_VERSION, \
	  "min_version is neither TLS12 nor TLS13", \
	  "min_version 既不是 TLS12 也不是 TLS13") \
	X(KEY_TWICE, "what stands here has been said already", "这里的内容前面已经有了") \
	X(MANY_USERS, "there are too many users", "用户太多") \
	X(NO_HASH, \
	  "what stands behind a user is no hash of bcrypt", \
	  "用户后面的不是 bcrypt 的散列值") \
	X(TLS_KEY, \
	  "tls_server_config has a key that is not known here", \
	  "tls_server_config 有一个这里不认识的键") \
	X(SANS, \
	  "client_allowed_sans is a list of names, 64 of 255 bytes at most", \
	  "client_allowed_sans 是名称列表，最多 64 个，每个最多 255 字节") \
	X(SANS_NEED_CA, \
	  "client_allowed_sans needs a client_auth_type that verifies", \
	  "client_allowed_sans 需要会验证证书的 client_auth_type") \
	X(RATE, \
	  "rate_limit takes an interval, such as 1s, and a burst of 1 to 10000 requests", \
	  "rate_limit 需要间隔（例如 1s）和 1 到 10000 个请求的突发量") \
	X(HTTP_KEY, \
	  "of http_server_config only http2, true or false, is known here", \
	  "http_server_config 中这里只认识 http2，取值 true 或 false") \
	X(TOP_KEY, \
	  "only tls_server_config, basic_auth_users, rate_limit and http_server_config are known " \
	  "here", \
	  "这里只认识 tls_server_config、basic_auth_users、rate_limit 和 http_server_config") \
	X(NO_YAML, "it is no YAML", "它不是 YAML") \
	X(NO_VALUE, \
	  "neither a value nor a group of values stands here", \
	  "这里既没有值，也没有一组值") \
	X(NO_NAME, "no name stands here", "这里没有名称") \
	X(NO_GROUP, "no group of values stands here", "这里没有一组值") \
	X(CERT_AND_KEY, \
	  "cert_file and key_file belong together", \
	  "cert_file 和 key_file 必须同时有") \
	X(CLIENTS_NEED_CERT, \
	  "client certificates need cert_file and key_file", \
	  "客户端证书需要 cert_file 和 key_file") \
	X(CLIENTS_NEED_CA, \
	  "this client_auth_type needs a client_ca_file", \
	  "这种 client_auth_type 需要 client_ca_file") \
	X(UNREADABLE, "{w} cannot be read: {v}", "{w} 无法读取：{v}") \
	X(IT_UNREADABLE, "it cannot be read: {w}", "无法读取：{w}") \
	X(NO_FILE, "it is no regular file", "它不是普通文件") \
	X(OPEN_KEY, \
	  "{w} is a key that everybody can read: chmod 600", \
	  "{w} 是谁都能读的密钥：chmod 600") \
	X(NO_CERTIFICATE, "the certificate or its key is none", "证书或其密钥无效") \
	X(NOT_IN_TIME, \
	  "a request was not complete in time, or its answer was not taken", \
	  "一个请求没有按时收全，或应答没有被取走") \
	X(TOO_MANY, \
	  "there were too many connections, and one of the address with most of them was closed", \
	  "连接太多，连接最多的地址的一个连接被关闭了")
/* clang-format on */

enum net_complaint {
#define X(NAME, en, zh) NET_COMPLAINT_##NAME,
	NET_COMPLAINTS(X)
#undef X
		NET_COMPLAINT_COUNT
};

/* It in the language that is spoken, its holes as they are. */
static inline const char *net_says(enum net_complaint complaint)
{
	static const struct log_text texts[NET_COMPLAINT_COUNT] = {
#define X(NAME, en, zh) { { en, zh } },
		NET_COMPLAINTS(X)
#undef X
	};

	return log_in(&texts[complaint]);
}

#define NET_SAYS(NAME) net_says(NET_COMPLAINT_##NAME)

#endif
