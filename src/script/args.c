#include "script/args.h"

#include <string.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/parse.h"
#include "script/error.h"
#include "tcl/interp.h"

const char *
script_word(struct value *v)
{
	size_t n;
	const char *text = value_bytes(v, &n);

	return strlen(text) == n ? text : "";
}

const char *
script_get_text(struct interp *in, struct value *v, const char *what)
{
	const char *text = script_word(v);

	if (text[0] != '\0' || value_is(v, ""))
		return text;
	interp_fail(in, "USOCK usage", NULL, "%s: a NUL byte has no place in it", what);
	return NULL;
}

/* Accepts results of arithmetic such as 1e-05, which parse_duration() does not. */
static int
duration_of_double(double seconds, int64_t *ret_nsec, struct error *e)
{
	double nsec = seconds * (double)NSEC_PER_SEC;

	if (seconds < 0)
		return error_set(e, ERROR_USAGE, "a duration cannot be negative");
	/* more than zero must not become "do not wait" */
	*ret_nsec = nsec >= (double)DURATION_NONE ? DURATION_NONE : (int64_t)nsec;
	if (*ret_nsec == 0 && seconds > 0)
		*ret_nsec = 1;
	return 0;
}

int
script_get_duration(struct interp *in, struct value *v, int64_t *ret_nsec)
{
	const char *text = script_get_text(in, v, "duration");
	struct error e;
	double seconds;
	int rc;

	if (text == NULL)
		return TCL_ERROR;
	if (value_to_double(v, &seconds) && seconds == seconds)
		rc = duration_of_double(seconds, ret_nsec, &e);
	else
		rc = parse_duration(text, ret_nsec, &e);
	return rc == 0 ? TCL_OK : script_fail(in, &e);
}
