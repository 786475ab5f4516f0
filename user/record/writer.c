// SPDX-License-Identifier: GPL-2.0-only
/* Writes a recording: a queue of blocks, and a thread that packs and writes them. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/event.h"
#include "user/base/buffer.h"
#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/base/write.h"
#include "user/event/identity.h"
#include "user/record/counters.h"
#include "user/record/encoder.h"
#include "user/record/target.h"
#include "user/record/writer.h"

#define CHUNK_BYTES (256u << 10)
#define CHUNKS_MIN 2 /* one that is filled, one that is written */
#define CHUNK_AGE_NS NS_PER_S
#define LOOK_NS (100 * NS_PER_MS) /* how long nobody may notice that writing has failed */
#define NAME_MAX_BYTES UINT16_MAX

/* Raw records on their way to the file. */
struct chunk {
	struct chunk *next;
	struct recording_block block; /* its counters are those of the whole recording */
	uint64_t begun_ns;
	uint8_t raw[CHUNK_BYTES];
};

/* Names of one kind of block. */
enum told_kind {
	TOLD_CGROUPS,
	TOLD_LABELS,
	TOLD_STACKS,
	TOLD_NAMESPACES,
	TOLD_PROCESSES,
	TOLD_CLOCKS,
	TOLD_KINDS
};

struct told {
	struct buffer coming; /* with the lock: not yet seen by the thread that writes */
	struct buffer all;
	size_t size; /* bytes of them that are in this part */
};

static const uint8_t told_blocks[TOLD_KINDS] = { RECORDING_NAMES,     RECORDING_LABELS,
						 RECORDING_STACKS,    RECORDING_NAMESPACES,
						 RECORDING_PROCESSES, RECORDING_CLOCKS };

#define NAME_BYTES 255	   /* of a namespace's name, which is a file's */
#define PROCESS_BYTES 1024 /* of a command line */

/* Bytes of namespaces, and of processes, that a part may begin with: each kind comes and goes. */
#define PASSING_BYTES (4u << 20)

static bool is_passing(enum told_kind kind)
{
	return kind == TOLD_NAMESPACES || kind == TOLD_PROCESSES || kind == TOLD_CLOCKS;
}

struct writer {
	struct writer_settings settings;
	struct recording_about about;
	struct event_hider hider; /* of this run; its key is never written */
	pthread_t thread;
	bool is_thread;

	/* Of the thread that adds. */
	struct chunk *open;
	uint64_t records; /* taken */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct chunk *first, **last; /* to be written */
	struct chunk *spare;
	size_t chunk_count, chunks_max;
	bool is_ready, is_ending; /* the thread; the queue */
	struct told told[TOLD_KINDS];

	_Atomic uint32_t unwritten; /* chunks that were handed over */
	_Atomic uint64_t dropped;
	_Atomic int error;

	/* Of the thread that writes; of the other once that has ended. */
	struct encoder *encoder;
	struct buffer out;
	struct target target; /* without a folder: standard output */
	const char *why;      /* the error, where errno tells too little; NULL: it does not */
	int fd;
	bool is_regular, is_begun; /* of the part */
	bool is_unsure;		   /* a part could not be closed */
	uint64_t part_bytes;	   /* of whole blocks */
	uint32_t part, block_number;
	uint64_t part_records;
	struct recording_counters base; /* as of the part's beginning */
	struct recording_counters done; /* as of the last block written */
	uint64_t done_ns;
	uint64_t kept_records, bytes;
};

/* Returns 0 or -errno, and what errno does not tell in `why`. */
static int open_part(struct writer *w)
{
	struct stat st;
	int fd;

	if (w->target.folder < 0) {
		w->fd = STDOUT_FILENO;
		return 0;
	}
	fd = target_open(&w->target, w->part, &w->why);
	if (fd < 0)
		return fd;
	w->fd = fd;
	w->is_regular = !fstat(fd, &st) && S_ISREG(st.st_mode);
	return 0;
}

/* Returns 0, or -errno: it may lack what was written, though writing it was no error. */
static int close_part(struct writer *w)
{
	int error = w->fd > STDOUT_FILENO ? write_close(w->fd) : 0;

	w->is_unsure |= error != 0;
	w->fd = -1;
	return error;
}

/* Without random bytes there is no recording. */
static int make_key(struct writer *w)
{
	ssize_t count = getrandom(&w->hider.key, sizeof(w->hider.key), 0);

	return count == (ssize_t)sizeof(w->hider.key) ? 0 : count < 0 ? -errno : -EIO;
}

int writer_open(const struct writer_settings *settings, struct writer **ret_writer,
		const char **ret_why)
{
	struct writer *w = calloc(1, sizeof(*w));
	int error;

	*ret_why = NULL;
	if (!w)
		return -ENOMEM;
	w->settings = *settings;
	w->target.folder = -1;
	w->chunks_max = settings->queue_bytes / CHUNK_BYTES;
	if (w->chunks_max < CHUNKS_MIN)
		w->chunks_max = CHUNKS_MIN;
	w->fd = -1;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	buffer_init(&w->out);
	w->encoder = encoder_new();
	error = w->encoder ? make_key(w) : -ENOMEM;
	if (!error && strcmp(settings->path, WRITER_STDOUT))
		error = target_init(&w->target, settings->path, settings->rotate_bytes);
	if (!error)
		error = open_part(w);
	if (error) {
		*ret_why = w->why;
		writer_free(w);
		return error;
	}
	*ret_writer = w;
	return 0;
}

static void add_told(struct writer *w, enum told_kind kind, uint64_t number, const char *text,
		     uint16_t length)
{
	struct buffer *coming = &w->told[kind].coming;

	pthread_mutex_lock(&w->lock);
	/* A disk that is slow for long costs no more memory than that. */
	if (!is_passing(kind) || coming->size < PASSING_BYTES / 4) {
		buffer_add(coming, &number, sizeof(number));
		buffer_add(coming, &length, sizeof(length));
		buffer_add(coming, text, length);
	}
	pthread_mutex_unlock(&w->lock);
}

void writer_add_name(struct writer *writer, uint64_t id, const char *path)
{
	add_told(writer, TOLD_CGROUPS, id, path, strnlen(path, NAME_MAX_BYTES));
}

void writer_add_label(struct writer *writer, uint64_t kind, const char *id, const char *name)
{
	struct buffer text;

	buffer_init(&text);
	buffer_addf(&text, "%s %s", id, name);
	if (!text.failed && text.size <= NAME_MAX_BYTES)
		add_told(writer, TOLD_LABELS, kind, text.bytes, (uint16_t)text.size);
	buffer_done(&text);
}

void writer_add_stack(struct writer *writer, uint64_t number, const char *text, uint16_t size)
{
	add_told(writer, TOLD_STACKS, number, text, size);
}

void writer_add_netns(struct writer *writer, uint32_t inode, enum recording_netns what,
		      const char *name)
{
	char text[1 + NAME_BYTES];
	size_t size = strnlen(name, NAME_BYTES);

	text[0] = (char)what;
	memcpy(text + 1, name, size);
	add_told(writer, TOLD_NAMESPACES, inode, text, (uint16_t)(size + 1));
}

void writer_add_clock(struct writer *writer, int64_t offset_ns)
{
	add_told(writer, TOLD_CLOCKS, (uint64_t)offset_ns, "", 0);
}

void writer_add_process(struct writer *writer, uint32_t pid, uint32_t ppid,
			const struct recording_process *process, const char *cmdline, size_t size)
{
	char text[sizeof(*process) + PROCESS_BYTES];

	if (size > PROCESS_BYTES)
		size = PROCESS_BYTES;
	memcpy(text, process, sizeof(*process));
	memcpy(text + sizeof(*process), cmdline, size);
	add_told(writer, TOLD_PROCESSES, (uint64_t)ppid << 32 | pid, text,
		 (uint16_t)(sizeof(*process) + size));
}

/* Writes what was encoded, as a whole or, where files can be cut, not at all. */
static int flush_out(struct writer *w)
{
	int error = w->out.failed ? -ENOMEM : write_all(w->fd, w->out.bytes, w->out.size);

	if (error && w->is_regular && !ftruncate(w->fd, (off_t)w->part_bytes))
		lseek(w->fd, (off_t)w->part_bytes, SEEK_SET);
	if (!error) {
		w->part_bytes += w->out.size;
		w->bytes += w->out.size;
	}
	buffer_clear(&w->out);
	return error;
}

/* Encodes a block with its place in the part; `counters` are those of the whole recording. */
static int encode(struct writer *w, struct recording_block *block,
		  const struct recording_counters *counters, const void *raw)
{
	block->number = w->block_number;
	block->first_record = w->part_records;
	block->counters = recording_counters_less(counters, &w->base);
	return encoder_add_block(w->encoder, &w->out, block, raw);
}

/* Writes the block that was encoded. */
static int write_encoded(struct writer *w, const struct recording_block *block,
			 const struct recording_counters *counters)
{
	int error = flush_out(w);

	if (error)
		return error;
	w->block_number++;
	w->part_records += block->record_count;
	w->kept_records += block->record_count;
	w->done = *counters;
	w->done_ns = block->written_mono_ns;
	return 0;
}

static int write_block(struct writer *w, struct recording_block *block,
		       const struct recording_counters *counters, const void *raw)
{
	int error = encode(w, block, counters, raw);

	if (!error)
		return write_encoded(w, block, counters);
	buffer_clear(&w->out);
	return error;
}

/* Forgets what this part has. */
static void forget_told(struct told *told)
{
	memmove(told->all.bytes, told->all.bytes + told->size, told->all.size - told->size);
	told->all.size -= told->size;
	told->size = 0;
}

static void take_coming(struct writer *w, enum told_kind kind)
{
	struct told *told = &w->told[kind];

	pthread_mutex_lock(&w->lock);
	if (is_passing(kind) && told->size && told->all.size + told->coming.size > PASSING_BYTES)
		forget_told(told);
	if (told->coming.failed)
		told->all.failed = true;
	buffer_add(&told->all, told->coming.bytes, told->coming.size);
	buffer_clear(&told->coming);
	pthread_mutex_unlock(&w->lock);
}

/* As many blocks as it takes, each of whole names. */
static int write_told(struct writer *w, enum told_kind kind)
{
	struct told *told = &w->told[kind];

	take_coming(w, kind);
	while (!told->all.failed && told->size < told->all.size) {
		const char *at = told->all.bytes + told->size;
		size_t left = told->all.size - told->size;
		struct recording_block block = { .kind = told_blocks[kind],
						 .written_mono_ns = clock_now() };
		size_t size = 0;
		int error;

		while (size < left) {
			size_t entry = sizeof(uint64_t);
			uint16_t length;

			memcpy(&length, at + size + entry, sizeof(length));
			entry += sizeof(length) + length;
			if (size + entry > RECORDING_RAW_MAX)
				break;
			size += entry;
		}
		block.raw_bytes = size;
		error = write_block(w, &block, &w->done, at);
		if (error)
			return error;
		told->size += size;
	}
	return 0;
}

static int write_names(struct writer *w)
{
	int error = 0;

	for (int kind = 0; kind < TOLD_KINDS && !error; kind++)
		error = write_told(w, (enum told_kind)kind);
	return error;
}

/* `listen` is NULL in what is not the last part; all 0: nothing is known of listeners. */
static int write_end(struct writer *w, const struct recording_counters *counters,
		     enum recording_block_flag flags, const struct recording_listen *listen,
		     uint64_t end_ns)
{
	struct recording_block block = { .kind = RECORDING_END,
					 .flags = (uint16_t)flags,
					 .raw_bytes = listen ? sizeof(*listen) : 0,
					 .written_mono_ns = end_ns };

	return write_block(w, &block, counters, listen);
}

/* As of the last block, with all that came behind it for lost: there may be room for that much. */
static void write_broken_end(struct writer *w, const struct recording_counters *counters)
{
	static const struct recording_listen unknown;
	struct recording_counters last = *counters;

	last.submitted = w->kept_records + last.dropped;
	last.seen = last.filtered + last.submitted + last.ring_full;
	write_end(w, &last, RECORDING_BROKEN, &unknown, w->done_ns);
}

static int begin_part(struct writer *w)
{
	int error;

	w->about.part = w->part;
	w->base = w->done;
	w->part_bytes = 0;
	w->block_number = 0;
	w->part_records = 0;
	for (int kind = 0; kind < TOLD_KINDS; kind++)
		w->told[kind].size = 0;
	encoder_add_head(&w->out, &w->about);
	error = flush_out(w);
	if (!error && w->target.folder >= 0)
		error = target_settle(&w->target);
	w->is_begun = !error;
	return error ? error : write_names(w);
}

static int rotate(struct writer *w)
{
	int error = write_end(w, &w->done, RECORDING_MORE, NULL, w->done_ns);

	if (error)
		return error;
	error = close_part(w);
	w->is_begun = false;
	if (error)
		return error;
	w->part++;
	error = open_part(w);
	if (error)
		return error;
	if (w->settings.keep && w->part >= w->settings.keep)
		target_remove(&w->target, w->part - w->settings.keep);
	return begin_part(w);
}

/* Whether the part can take the block that was encoded, and its own end; the first one it must. */
static bool is_room(const struct writer *w)
{
	return !w->settings.rotate_bytes || !w->part_records ||
	       w->part_bytes + w->out.size + sizeof(struct recording_block) <=
		       w->settings.rotate_bytes;
}

/* Its place in the next part is another one, so it is encoded anew. */
static int write_in_next_part(struct writer *w, struct chunk *chunk,
			      const struct recording_counters *counters)
{
	int error;

	buffer_clear(&w->out);
	error = rotate(w);
	return error ? error : write_block(w, &chunk->block, counters, chunk->raw);
}

static int write_chunk(struct writer *w, struct chunk *chunk)
{
	struct recording_counters counters = chunk->block.counters;
	int error = write_names(w);

	if (!error)
		error = encode(w, &chunk->block, &counters, chunk->raw);
	if (!error && !is_room(w))
		return write_in_next_part(w, chunk, &counters);
	if (!error)
		return write_encoded(w, &chunk->block, &counters);
	buffer_clear(&w->out);
	return error;
}

/* The next chunk to write; NULL: there will be none. */
static struct chunk *take_chunk(struct writer *w)
{
	struct chunk *chunk;

	pthread_mutex_lock(&w->lock);
	while (!w->first && !w->is_ending)
		pthread_cond_wait(&w->changed, &w->lock);
	chunk = w->first;
	if (chunk) {
		w->first = chunk->next;
		if (!w->first)
			w->last = &w->first;
	}
	pthread_mutex_unlock(&w->lock);
	return chunk;
}

static void give_back(struct writer *w, struct chunk *chunk)
{
	pthread_mutex_lock(&w->lock);
	chunk->next = w->spare;
	w->spare = chunk;
	pthread_mutex_unlock(&w->lock);
}

int writer_folder(const struct writer *writer)
{
	return writer->settings.rotate_bytes ? writer->target.folder : -1;
}

static void *write_chunks(void *context)
{
	struct writer *w = context;
	struct chunk *chunk;

	if (w->settings.thread)
		w->settings.thread(w->settings.context, writer_folder(w));
	pthread_mutex_lock(&w->lock);
	w->is_ready = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	while ((chunk = take_chunk(w))) {
		int error = atomic_load(&w->error);

		if (!error)
			error = write_chunk(w, chunk);
		if (error) {
			atomic_store(&w->error, error);
			atomic_fetch_add(&w->dropped, chunk->block.record_count);
		}
		give_back(w, chunk);
		atomic_fetch_sub(&w->unwritten, 1);
	}
	return NULL;
}

/* Until whoever begins it may take the rights that the thread begins with. */
static void wait_ready(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->is_ready)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

int writer_begin(struct writer *writer, const struct recording_about *about)
{
	int error;

	writer->about = *about;
	error = begin_part(writer);
	if (error)
		return error;
	error = -pthread_create(&writer->thread, NULL, write_chunks, writer);
	writer->is_thread = !error;
	if (error)
		writer->why = "no thread can be made here, for want of processes or of memory";
	else
		wait_ready(writer);
	return error;
}

/* An empty chunk, if there may be one more. */
static struct chunk *find_room(struct writer *w)
{
	struct chunk *chunk;

	pthread_mutex_lock(&w->lock);
	chunk = w->spare;
	if (chunk)
		w->spare = chunk->next;
	pthread_mutex_unlock(&w->lock);
	if (!chunk && w->chunk_count < w->chunks_max) {
		chunk = malloc(sizeof(*chunk));
		w->chunk_count += chunk != NULL;
	}
	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->block =
		(struct recording_block){ .kind = RECORDING_RECORDS, .first_mono_ns = UINT64_MAX };
	chunk->begun_ns = clock_now();
	return chunk;
}

/* The account as of the records taken: what is in the ring still counts for later blocks. */
static void count(struct writer *w, struct recording_counters *ret_counters)
{
	w->settings.count(w->settings.context, ret_counters);
	ret_counters->dropped = atomic_load(&w->dropped);
	ret_counters->submitted = w->records + ret_counters->dropped;
	ret_counters->seen =
		ret_counters->filtered + ret_counters->submitted + ret_counters->ring_full;
}

static void close_chunk(struct writer *w)
{
	struct chunk *chunk = w->open;

	if (!chunk)
		return;
	w->open = NULL;
	w->records += chunk->block.record_count;
	count(w, &chunk->block.counters);
	chunk->block.written_mono_ns = clock_now();
	atomic_fetch_add(&w->unwritten, 1);
	pthread_mutex_lock(&w->lock);
	*w->last = chunk;
	w->last = &chunk->next;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

/* Where one more record has room; NULL: nowhere. */
static __attribute__((noinline)) struct chunk *make_room(struct writer *w, size_t size)
{
	if (size < sizeof(struct event_head))
		return NULL;
	if (w->open && size > CHUNK_BYTES - w->open->block.raw_bytes)
		close_chunk(w);
	if (!w->open)
		w->open = find_room(w);
	return w->open;
}

void writer_add(struct writer *writer, const void *bytes, size_t size)
{
	struct chunk *chunk = writer->open;
	uint64_t mono_ns;
	uint8_t *at;

	if (!chunk || size < sizeof(struct event_head) ||
	    size > CHUNK_BYTES - chunk->block.raw_bytes)
		chunk = make_room(writer, size);
	if (!chunk) {
		atomic_fetch_add(&writer->dropped, 1);
		return;
	}
	at = chunk->raw + chunk->block.raw_bytes;
	chunk->block.raw_bytes += size;
	chunk->block.record_count++;
	memcpy(&mono_ns, (const uint8_t *)bytes + offsetof(struct event_head, mono_ns),
	       sizeof(mono_ns));
	if (mono_ns < chunk->block.first_mono_ns)
		chunk->block.first_mono_ns = mono_ns;
	if (mono_ns > chunk->block.last_mono_ns)
		chunk->block.last_mono_ns = mono_ns;
	memcpy(at, bytes, size);
	event_hide_by(at, size, &writer->hider);
}

static uint64_t flush_due_ns(const struct writer *w)
{
	return w->open ? w->open->begun_ns + CHUNK_AGE_NS : UINT64_MAX;
}

uint64_t writer_due_ns(const struct writer *writer)
{
	uint64_t flush_ns = flush_due_ns(writer), look_ns;

	if (!atomic_load(&writer->unwritten))
		return flush_ns;
	look_ns = clock_now() + LOOK_NS;
	return look_ns < flush_ns ? look_ns : flush_ns;
}

void writer_flush(struct writer *writer, uint64_t now)
{
	if (now >= flush_due_ns(writer))
		close_chunk(writer);
}

uint64_t writer_dropped(struct writer *writer)
{
	return atomic_load(&writer->dropped);
}

int writer_error(struct writer *writer)
{
	return atomic_load(&writer->error);
}

const char *writer_why(const struct writer *writer)
{
	return writer->why;
}

static void stop_thread(struct writer *w)
{
	if (!w->is_thread)
		return;
	pthread_mutex_lock(&w->lock);
	w->is_ending = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	w->is_thread = false;
}

int writer_end(struct writer *writer, const struct recording_counters *counters,
	       const struct recording_listen *listen, const sigset_t *allowed,
	       struct writer_report *ret_report)
{
	struct recording_counters last = *counters;
	sigset_t blocked;
	int error, closed;

	close_chunk(writer);
	sigprocmask(SIG_SETMASK, allowed, &blocked);
	stop_thread(writer);
	error = atomic_load(&writer->error);
	last.dropped = atomic_load(&writer->dropped);
	if (!error)
		error = write_names(writer);
	if (!error)
		error = write_end(writer, &last, 0, listen, clock_now());
	else
		write_broken_end(writer, &last);
	/* One that was not begun is removed instead. */
	closed = writer->is_begun ? close_part(writer) : 0;
	if (!error)
		error = closed;
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	*ret_report = (struct writer_report){
		.records = writer->kept_records,
		.dropped = last.dropped,
		.bytes = writer->bytes,
		.parts = writer->part + 1,
		.is_unsure = writer->is_unsure,
	};
	return error;
}

void writer_free(struct writer *writer)
{
	if (!writer)
		return;
	stop_thread(writer);
	if (writer->fd >= 0 && writer->is_regular && !writer->is_begun)
		target_remove(&writer->target, writer->part);
	close_part(writer);
	target_done(&writer->target);
	for (struct chunk *chunk = writer->first, *next; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	for (struct chunk *chunk = writer->spare, *next; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(writer->open);
	for (int kind = 0; kind < TOLD_KINDS; kind++) {
		buffer_done(&writer->told[kind].coming);
		buffer_done(&writer->told[kind].all);
	}
	buffer_done(&writer->out);
	encoder_free(writer->encoder);
	pthread_cond_destroy(&writer->changed);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}
