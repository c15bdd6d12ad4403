/* switch */
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/commands/regex.h"
#include "tcl/commands/sort.h"
#include "tcl/eval/args.h"
#include "tcl/eval/script_body.h"
#include "tcl/value/charclass.h"
#include "tcl/value/glob.h"

struct switching {
	struct interp *in;
	int mode;
	bool nocase;
	struct value *match_var, *index_var;
	struct value *subject;
	size_t n;
	struct value *const *arms; /* pattern, body, … */
	bool in_list, compiled;    /* compiled: tclsh compiles the bodies with the command */
};

enum { OPT_EXACT, OPT_GLOB, OPT_INDEXVAR, OPT_MATCHVAR, OPT_NOCASE, OPT_REGEXP, OPT_END };

static int
parse_match_mode(struct switching *s, struct value *word, int option)
{
	static const char *const names[] = { "-exact", "-glob", NULL, NULL, NULL, "-regexp" };

	if (s->mode != -1)
		return interp_fail(s->in, "TCL OPERATION SWITCH DOUBLEOPT", NULL,
		    "bad option \"%v\": %s option already found", word, names[s->mode]);
	s->mode = option;
	return TCL_OK;
}

static int
parse_var_option(struct switching *s, int option, int left, struct value *const argv[])
{
	if (left < 3)
		return interp_fail(s->in, "TCL OPERATION SWITCH NOVAR", NULL,
		    "missing variable name argument to %s option",
		    option == OPT_INDEXVAR ? "-indexvar" : "-matchvar");
	*(option == OPT_INDEXVAR ? &s->index_var : &s->match_var) = argv[1];
	return TCL_OK;
}

/* Returns the number of words read, or -1. */
static int
parse_switch_options(struct switching *s, int argc, struct value *const argv[])
{
	static const char *const options[] = { "-exact", "-glob", "-indexvar", "-matchvar",
		"-nocase", "-regexp", "--", NULL };
	int option, i, code = TCL_OK;

	for (i = 1; i < argc - 2 && value_bytes(argv[i], NULL)[0] == '-' && code == TCL_OK; i++) {
		if (interp_get_word(s->in, argv[i], options, "option", &option) != TCL_OK)
			return -1;
		if (option == OPT_END)
			return i + 1;
		if (option == OPT_NOCASE) {
			s->nocase = true;
		} else if (option == OPT_INDEXVAR || option == OPT_MATCHVAR) {
			code = parse_var_option(s, option, argc - 1 - i, argv + i);
			i++;
		} else {
			code = parse_match_mode(s, argv[i], option);
		}
	}
	return code == TCL_OK ? i : -1;
}

/* Checks that variables are used with -regexp only. */
static int
check_switch_mode(struct switching *s)
{
	if (s->mode == OPT_REGEXP || (s->index_var == NULL && s->match_var == NULL)) {
		s->mode = s->mode == -1 ? OPT_EXACT : s->mode;
		return TCL_OK;
	}
	return interp_fail(s->in, "TCL OPERATION SWITCH MODERESTRICTION", NULL,
	    "%s option requires -regexp option", s->index_var != NULL ? "-indexvar" : "-matchvar");
}

static int
set_group_var(struct switching *s, struct value *name, struct list *l)
{
	struct heap *h = &s->in->heap;

	if (name == NULL) {
		if (l != NULL)
			list_unref(h, l);
		return TCL_OK;
	}
	return interp_write(s->in, name, l == NULL ? value_new(h) : value_from_list(h, l));
}

/* Matches with -regexp; sets the variables to the groups, for the default to nothing. */
static int
match_groups(struct switching *s, struct value *pattern, bool *ret)
{
	struct regex_groups groups = { NULL, NULL };

	if (s->match_var == NULL && s->index_var == NULL)
		return *ret ? TCL_OK : regex_test(s->in, pattern, s->subject, s->nocase, ret);
	if (!*ret && regex_groups(s->in, pattern, s->subject, s->nocase, &groups) != TCL_OK)
		return TCL_ERROR;
	if (!*ret && groups.texts == NULL)
		return TCL_OK;
	*ret = true;
	if (set_group_var(s, s->match_var, groups.texts) != TCL_OK) {
		list_unref(&s->in->heap, groups.spans);
		return TCL_ERROR;
	}
	return set_group_var(s, s->index_var, groups.spans);
}

static int
arm_matches(struct switching *s, size_t i, bool *ret)
{
	struct value *pattern = s->arms[i];

	*ret = i + 2 == s->n && value_is(pattern, "default");
	if (s->mode == OPT_REGEXP)
		return match_groups(s, pattern, ret);
	if (*ret)
		return TCL_OK;
	if (s->mode == OPT_GLOB)
		*ret = glob_match(pattern, s->subject, s->nocase);
	else
		*ret = s->nocase ? sort_nocase(pattern, s->subject) == 0
				 : value_equal(pattern, s->subject);
	return TCL_OK;
}

static int
run_arm(struct switching *s, size_t i)
{
	struct value *pattern = s->arms[i], *cut;
	size_t body = i + 1, n;
	const char *bytes;
	int code;

	while (body < s->n && value_is(s->arms[body], "-"))
		body += 2;
	if (s->compiled)
		return eval_script(s->in, eval_parse(s->in, s->arms[body]));
	code = script_body_separate(s->in, s->arms[body], NULL);
	if (code != TCL_ERROR)
		return code;
	bytes = value_bytes(pattern, &n);
	cut = value_text(&s->in->heap, bytes, args_shown_length(bytes, n, 50));
	failure_trace(s->in, "\n    (\"%v%s\" arm line %d)", cut, n > cut->len ? "..." : "",
	    (int)s->in->errorline);
	value_unref(cut);
	return code;
}

static int
check_arms(struct switching *s)
{
	if (s->n == 0 && s->in_list)
		return interp_wrong_args(s->in, 0, NULL,
		    "switch ?-option ...? string {?pattern body ...? ?default body?}");
	if (s->n % 2 != 0) {
		bool comment = false;

		for (size_t i = 0; s->in_list && i < s->n; i += 2)
			comment |= value_bytes(s->arms[i], NULL)[0] == '#';
		return interp_fail(s->in,
		    comment ? "TCL OPERATION SWITCH BADARM COMMENT?"
			    : "TCL OPERATION SWITCH BADARM",
		    NULL, "extra switch pattern with no body%s",
		    comment ? ", this may be due to a comment incorrectly placed outside of a "
			      "switch body - see the "
			      "\"switch\" documentation"
			    : "");
	}
	if (value_is(s->arms[s->n - 1], "-"))
		return interp_fail(s->in, "TCL OPERATION SWITCH BADARM FALLTHROUGH", NULL,
		    "no body specified for pattern \"%v\"", s->arms[s->n - 2]);
	return TCL_OK;
}

static int
run_switch(struct switching *s)
{
	bool match;

	if (check_arms(s) != TCL_OK)
		return TCL_ERROR;
	for (size_t i = 0; i < s->n; i += 2) {
		if (arm_matches(s, i, &match) != TCL_OK)
			return TCL_ERROR;
		if (match)
			return run_arm(s, i);
	}
	return TCL_OK;
}

/* Sets the line of each word in a list of arms. */
static void
set_word_lines(struct list *arms, struct value *whole)
{
	size_t n;
	const char *text = value_bytes(whole, &n), *end = text + n, *at = text, *found;
	unsigned line = whole->line;

	for (size_t i = 0; line > 0 && i < arms->n; i++) {
		struct value *v = arms->items[i];

		found = memmem(at, (size_t)(end - at), value_bytes(v, NULL), v->len);
		if (found == NULL)
			return;
		for (; at < found; at++)
			line += *at == '\n';
		v->line = line;
		v->source = whole->source;
		for (; at < found + v->len; at++)
			line += *at == '\n';
	}
}

static int
cmd_switch(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct switching s = { .in = in, .mode = -1 };
	struct list *arms;
	int at = parse_switch_options(&s, argc, argv), code;

	if (at == -1 || check_switch_mode(&s) != TCL_OK)
		return TCL_ERROR;
	if (argc - at < 2)
		return interp_wrong_args(in, 1, argv,
		    "?-option ...? string ?pattern body ...? ?default body?");
	s.subject = argv[at];
	if (argc - at > 2) {
		s.arms = argv + at + 1;
		s.n = (size_t)(argc - at - 1);
		return run_switch(&s);
	}
	bool fresh = argv[at + 1]->type != VALUE_LIST;

	arms = args_list(in, argv[at + 1]);
	if (arms == NULL)
		return TCL_ERROR;
	if (fresh)
		set_word_lines(arms, argv[at + 1]);
	arms->refs++;
	s.arms = arms->items;
	s.n = arms->n;
	s.in_list = true;
	s.compiled = ast_is_literal(in->node, argv[at + 1]) && !(s.nocase && s.mode == OPT_EXACT);
	code = run_switch(&s);
	list_unref(&in->heap, arms);
	return code;
}

const struct interp_command core_switch_commands[] = {
	{ "switch", cmd_switch, 2, -1, "?-option ...? string ?pattern body ...? ?default body?" },
	{ NULL, NULL, 0, 0, NULL },
};
