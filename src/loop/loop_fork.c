#include <stddef.h>

#include "base/error.h"
#include "loop/loop_private.h"

int
loop_after_fork(struct loop *l, struct error *e)
{
	int errnum = loop_kernel_after_fork(l->kernel);

	if (errnum == 0)
		errnum = loop_signal_after_fork(l);
	if (errnum != 0)
		return error_errno(e, ERROR_INTERNAL, errnum, "event loop");
	/* they are the parent's */
	l->children = l->ended = NULL;
	return 0;
}
