#include "base/error.h"
#include "net/netns/netns.h"

int
netns_enter(const char *name, struct error *e)
{
	return error_set(e, ERROR_NETWORK, "enter network namespace %s: this system has none",
	    name);
}
