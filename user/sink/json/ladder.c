// SPDX-License-Identifier: GPL-2.0-only
/* A ladder as one line of JSON. */
#include "user/sink/fact.h"
#include "user/sink/json/line.h"
#include "user/sink/text/phrase.h"

static void add_number(struct json *j, struct line_key key, struct line_key name_key,
		       const struct ladder_number *number)
{
	char name[LADDER_NUMBER_SIZE];

	line_add_known(j, key, number->is_shown && number->is_known, number->value);
	line_add_word(j, name_key, ladder_number_name(number, name));
}

static void add_flags(struct json *j, struct line_key key, unsigned int flags)
{
	line_add_key(j, key);
	json_array_begin(j);
#define X(FLAG, name)              \
	if (flags & LADDER_##FLAG) \
		json_text(j, name);
	LADDER_FLAGS(X)
#undef X
	json_array_end(j);
}

static const char *ladder_state_name(const struct ladder_state *state)
{
	return state->state ? state_name(state->state) : NULL;
}

static void add_sentences(struct json *j, const struct sink_settings *s,
			  const struct ladder_step *step)
{
	line_add_key(j, LINE_KEY("text"));
	json_array_begin(j);
	for (size_t i = 0; i < LADDER_NOTES && step->notes[i].phrase != LADDER_SAYS_NOTHING; i++) {
		const struct ladder_note *note = &step->notes[i];
		struct buffer text;

		buffer_init(&text);
		phrase_add(&text, note->phrase, s->language, note->ns, note->n);
		json_string(j, text.bytes, text.size);
		j->out->failed |= text.failed;
		buffer_done(&text);
	}
	json_array_end(j);
}

static void add_ladder_step(struct json *j, const struct sink_settings *s,
			    const struct ladder_step *step)
{
	bool is_segment = step->kind == LADDER_SEGMENT, is_data = step->kind == LADDER_DATA;

	json_object_begin(j);
	line_add_word(j, LINE_KEY("kind"), ladder_kind_name(step->kind));
	line_add_known(j, LINE_KEY("number"), step->number, step->number);
	line_add_time(j, LINE_KEY("time"), &s->clock, ladder_step_ns(step));
	line_add_ns(j, LINE_KEY("sent_mono_ns"), step->sent_ns);
	line_add_ns(j, LINE_KEY("came_mono_ns"), step->came_ns);
	line_add_ns(j, LINE_KEY("since_ns"), step->since_ns);
	line_add_ns(j, LINE_KEY("way_ns"), step->way_ns);
	line_add_ns(j, LINE_KEY("way_bound_ns"), step->way_bound_ns);
	line_add_word(j, LINE_KEY("direction"), ladder_direction_name(step));
	add_flags(j, LINE_KEY("flags"), step->flags);
	add_flags(j, LINE_KEY("flags_guessed"), step->guessed);
	line_add_known(j, LINE_KEY("times"), is_segment, step->times);
	line_add_key(j, LINE_KEY("arrived"));
	if (is_segment && !step->is_unanswered)
		json_bool(j, true);
	else
		json_null(j);
	add_number(j, LINE_KEY("seq"), LINE_KEY("seq_name"), &step->seq);
	add_number(j, LINE_KEY("ack"), LINE_KEY("ack_name"), &step->ack);
	line_add_known(j, LINE_KEY("bytes_out"), is_data, step->bytes_out);
	line_add_known(j, LINE_KEY("bytes_in"), is_data, step->bytes_in);
	line_add_word(j, LINE_KEY("local"), ladder_state_name(&step->local));
	line_add_bool(j, LINE_KEY("local_measured"), step->local.is_measured);
	line_add_word(j, LINE_KEY("remote"), ladder_state_name(&step->remote));
	line_add_bool(j, LINE_KEY("remote_measured"), step->remote.is_measured);
	add_sentences(j, s, step);
	json_object_end(j);
}

/* null where both ends have one clock. */
static void add_clocks(struct json *j, const struct ladder *l)
{
	bool is_bounded = l->clocks == LADDER_CLOCK_BOUNDED;

	line_add_key(j, LINE_KEY("clocks"));
	if (l->clocks == LADDER_CLOCK_ONE) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	line_add_word(j, LINE_KEY("difference"),
		      is_bounded			      ? "bounded" :
		      l->clocks == LADDER_CLOCK_CONTRADICTORY ? "contradictory" :
								"unknown");
	line_add_u64(j, LINE_KEY("handshakes"), l->handshakes);
	line_add_key(j, LINE_KEY("offset_ns"));
	if (is_bounded)
		json_i64(j, l->clock.offset_ns);
	else
		json_null(j);
	line_add_known(j, LINE_KEY("offset_bound_ns"), is_bounded, l->clock.bound_ns);
	line_add_key(j, LINE_KEY("drift_ppm"));
	if (is_bounded)
		json_double(j, l->clock.drift_ppm);
	else
		json_null(j);
	line_add_key(j, LINE_KEY("drift_bound_ppm"));
	if (is_bounded)
		json_double(j, l->clock.drift_bound_ppm);
	else
		json_null(j);
	json_object_end(j);
}

static void add_end(struct json *j, const struct sink_settings *s, const struct conn *c)
{
	json_object_begin(j);
	line_add_conn(j, s, c, fact_subflow(s, c));
	line_add_opener(j, s, c);
	line_add_wire(j, c->flags & CONN_WIRE);
	json_object_end(j);
}

/* All of them, or the segments alone. */
static void add_steps(struct json *j, const struct sink_settings *s, const struct ladder *l,
		      bool only_segments)
{
	json_array_begin(j);
	for (size_t i = 0; i < l->count; i++)
		if (!only_segments || l->steps[i].kind == LADDER_SEGMENT)
			add_ladder_step(j, s, &l->steps[i]);
	json_array_end(j);
}

void json_print_ladder(const struct sink_settings *s, struct buffer *out, const struct ladder *l)
{
	struct json j;

	line_begin(&j, out, "explain");
	line_add_conn(&j, s, l->conn, fact_subflow(s, l->conn));
	line_add_opener(&j, s, l->conn);
	line_add_wire(&j, l->conn->flags & CONN_WIRE);
	line_add_key(&j, LINE_KEY("this"));
	add_end(&j, s, l->conn);
	line_add_key(&j, LINE_KEY("other"));
	if (l->other)
		add_end(&j, s, l->other);
	else
		json_null(&j);
	line_add_text(&j, LINE_KEY("host"), lore_host(s->lore, l->conn));
	line_add_text(&j, LINE_KEY("other_host"), l->other ? lore_host(s->lore, l->other) : NULL);
	add_clocks(&j, l);
	line_add_handshake(&j, l->conn);
	line_add_close(&j, s, l->conn);
	line_add_time_wait(&j, l->conn);
	line_add_key(&j, LINE_KEY("numbers"));
	json_object_begin(&j);
	for (unsigned int i = 0; i < LADDER_SYMBOL_COUNT; i++) {
		json_key(&j, ladder_symbol_name(i));
		if (l->symbols[i].is_known)
			json_u64(&j, l->symbols[i].value);
		else
			json_null(&j);
	}
	json_object_end(&j);
	line_add_key(&j, LINE_KEY("steps"));
	add_steps(&j, s, l, false);
	line_add_key(&j, LINE_KEY("segments"));
	add_steps(&j, s, l, true);
	line_add_word(&j, LINE_KEY("language"), phrase_language_name(s->language));
	line_end(&j);
}
