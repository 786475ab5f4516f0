/* SPDX-License-Identifier: GPL-2.0-only */
/* All series at a moment in protobuf: native histograms beside the classic buckets. */
#ifndef USER_NET_PROTOBUF_H
#define USER_NET_PROTOBUF_H

#include "user/base/buffer.h"
#include "user/sink/series.h"

/* Messages of io.prometheus.client.MetricFamily, each behind its length. */
void protobuf_write(struct buffer *out, const struct series_source *from);

#endif
