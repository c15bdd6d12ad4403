#include "base/confine.h"

const char *
confine_means(void)
{
	return "";
}

bool
confine(const struct confine_how *how)
{
	return !how->files && !how->programs;
}
