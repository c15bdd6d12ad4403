/* Recordings of dialogues. Input: a whole file. What is read is written, and has to be read again as the
 * same. */
#include "base/buf.h"
#include "fuzz.h"
#include "relay/capture/dialogue_reader.h"
#include "relay/capture/dialogue_writer.h"

struct input {
	const char *at;
	size_t left;
};

static int
read_input(void *arg, void *data, size_t n, size_t *ret_n, struct error *e)
{
	struct input *in = arg;

	(void)e;
	*ret_n = n < in->left ? n : in->left;
	memcpy(data, in->at, *ret_n);
	in->at += *ret_n;
	in->left -= *ret_n;
	return 0;
}

static void
same_text(const char *a, const char *b)
{
	must((a == NULL) == (b == NULL));
	must(a == NULL || strcmp(a, b) == 0);
}

static void
same_event(const struct dialogue_event *a, const struct dialogue_event *b)
{
	must(a->time == b->time && a->connection == b->connection && a->kind == b->kind);
	must(a->role == b->role && a->type == b->type && a->dir == b->dir && a->more == b->more);
	must(a->n == b->n && (a->n == 0 || memcmp(a->data, b->data, a->n) == 0));
	same_text(a->local, b->local);
	same_text(a->peer, b->peer);
	same_text(a->version, b->version);
	same_text(a->cipher, b->cipher);
	same_text(a->alpn, b->alpn);
	same_text(a->server_name, b->server_name);
	same_text(a->text, b->text);
}

/* Writes the file again, up to where it is readable. */
static void
write_again(struct input in, struct buf *out)
{
	const struct dialogue_source source = { read_input, &in, "file" };
	struct dialogue_reader *r;
	struct dialogue_event event;

	if (dialogue_reader_open(&r, &source, NULL) < 0)
		return;
	must(dialogue_write_header(out, dialogue_reader_header(r), NULL) == 0);
	while (dialogue_reader_next(r, &event, NULL) > 0)
		must(dialogue_write(out, &event, NULL) == 0);
	dialogue_reader_close(r);
}

static void
compare_files(struct input a, struct input b)
{
	const struct dialogue_source sources[] = { { read_input, &a, "a" },
		{ read_input, &b, "b" } };
	struct dialogue_reader *left, *right;
	struct dialogue_event x, y;

	must(dialogue_reader_open(&left, &sources[0], NULL) == 0);
	must(dialogue_reader_open(&right, &sources[1], NULL) == 0);
	while (dialogue_reader_next(left, &x, NULL) > 0) {
		must(dialogue_reader_next(right, &y, NULL) == 1);
		same_event(&x, &y);
	}
	must(dialogue_reader_next(right, &y, NULL) == 0);
	must(dialogue_reader_cut(right) == 0);
	dialogue_reader_close(left);
	dialogue_reader_close(right);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const struct input in = { text, size };
	struct buf again;

	buf_init(&again, SIZE_MAX / 2);
	write_again(in, &again);
	if (again.len > 0)
		compare_files(in, (struct input){ buf_head(&again), again.len });
	buf_fini(&again);
	free(text);
	return 0;
}
