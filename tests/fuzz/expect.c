/* Patterns of expect: whatever a script writes and a peer sends, a match lies within what came, and
 * where the bytes were cut changes neither it nor what was found, but for those patterns that go by
 * the end of what is there. Input: the first byte chooses flag and -nocase, the second the length of
 * the pattern, the third how many places to cut at, these follow, then pattern and bytes. */
#include "base/log.h"
#include "fuzz.h"
#include "loop/loop.h"
#include "script/context.h"
#include "script/expect/impl.h"
#include "tcl/interp.h"

enum { PATTERN_MAX = 48, BYTES_MAX = 512, CUTS_MAX = 16 };

struct found {
	int rc; /* as pattern_search */
	struct pattern_match match;
};

struct input {
	const char *flag;
	bool nocase;
	const uint8_t *cuts, *pattern, *bytes;
	size_t n_cuts, n_pattern, n;
};

static struct interp *
make_interp(void)
{
	static struct script *sc;
	static const struct log log;
	struct script_how how = { .log = &log, .out_fd = -1, .err_fd = -1 };

	if (sc == NULL) {
		must(loop_open(&how.loop, NULL) == 0);
		must(script_open(&sc, &how, NULL) == 0);
	}
	return script_interp(sc);
}

static void
check_spans(const struct pattern_match *m, size_t n)
{
	must(m->groups < PATTERN_SPANS);
	must(m->spans[0].start >= 0);
	for (size_t i = 0; i <= m->groups; i++) {
		if (m->spans[i].start == -1)
			continue;
		must(m->spans[i].start >= 0 && m->spans[i].end >= 0);
		must((size_t)m->spans[i].start <= n && (size_t)m->spans[i].end <= n);
	}
	must(m->spans[0].start <= m->spans[0].end);
}

/* One look at the first n bytes, in a block of their own size. */
static int
look(const struct pattern *p, const struct input *in, size_t n, struct pattern_progress *progress,
    struct found *f)
{
	char *copy = malloc(n > 0 ? n : 1);
	struct error e = { 0 };

	must(copy != NULL);
	if (n > 0)
		memcpy(copy, in->bytes, n);
	f->rc = pattern_search(p, copy, n, progress, &f->match, &e);
	free(copy);
	must(f->rc >= -1 && f->rc <= 1);
	must(f->rc != -1 || (e.code == ERROR_EXPECT && e.text[0] != '\0'));
	if (f->rc == 1)
		check_spans(&f->match, n);
	return f->rc;
}

static void
run(const struct pattern *p, const struct input *in, size_t n_cuts, struct found *f)
{
	struct pattern_progress progress = { 0 };
	size_t n = 0;

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < n_cuts; i++) {
		n += in->cuts[i];
		if (n >= in->n)
			break;
		if (look(p, in, n, &progress, f) != 0)
			return;
	}
	look(p, in, in->n, &progress, f);
}

/* A regular expression may be greedy, or look at what is ahead; so may these globs. */
static bool
goes_by_the_end(const struct input *in)
{
	if (strcmp(in->flag, "-re") == 0)
		return true;
	if (strcmp(in->flag, "-gl") != 0)
		return false;
	return in->n_pattern == 0 || memchr(in->pattern, '$', in->n_pattern) != NULL ||
	    in->pattern[in->n_pattern - 1] == '*';
}

static void
compare(const struct pattern *p, const struct input *in)
{
	struct found whole, cut;

	run(p, in, 0, &whole);
	run(p, in, in->n_cuts, &cut);
	if (goes_by_the_end(in) || whole.rc == -1 || cut.rc == -1)
		return;
	must(whole.rc == cut.rc);
	if (whole.rc == 1) {
		must(whole.match.spans[0].start == cut.match.spans[0].start);
		must(whole.match.spans[0].end == cut.match.spans[0].end);
	}
}

static bool
read_input(const uint8_t *data, size_t size, struct input *in)
{
	static const char *const flags[] = { "-ex", "-gl", "-re", "-hex", "-len", "-count" };

	if (size < 3)
		return false;
	in->flag = flags[data[0] % 6];
	in->nocase = data[0] >= 128;
	in->n_pattern = data[1] % (PATTERN_MAX + 1);
	in->n_cuts = data[2] % CUTS_MAX;
	if (size < 3 + in->n_cuts + in->n_pattern)
		return false;
	in->cuts = data + 3;
	in->pattern = in->cuts + in->n_cuts;
	in->bytes = in->pattern + in->n_pattern;
	in->n = size - 3 - in->n_cuts - in->n_pattern;
	return in->n <= BYTES_MAX;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct interp *interp = make_interp();
	struct heap *heap = interp_heap(interp);
	struct value *words[3];
	struct clauses *c;
	struct input in;
	int n = 0;

	if (!read_input(data, size, &in))
		return 0;
	if (in.nocase)
		words[n++] = value_string(heap, "-nocase");
	words[n++] = value_string(heap, in.flag);
	words[n++] = value_text(heap, (const char *)in.pattern, in.n_pattern);
	c = clauses_parse(interp, n, words);
	if (c != NULL) {
		must(c->n == 1 && c->items[0].kind == CLAUSE_PATTERN);
		compare(c->items[0].pattern, &in);
		clauses_drop(c);
	} else {
		must(interp_errorcode(interp) != NULL);
	}
	while (n > 0)
		value_unref(words[--n]);
	return 0;
}
