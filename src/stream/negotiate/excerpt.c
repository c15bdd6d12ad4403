#include "stream/negotiate/excerpt.h"

#include <stdio.h>

void
excerpt(char text[EXCERPT_MAX], const void *data, size_t n)
{
	const unsigned char *bytes = data;
	size_t at = 0;

	while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
		n--;
	for (; n > 0 && at + 8 < EXCERPT_MAX; n--, bytes++) {
		if (*bytes >= ' ' && *bytes < 0x7f)
			text[at++] = (char)*bytes;
		else
			at += (size_t)snprintf(text + at, EXCERPT_MAX - at, "\\x%02x", *bytes);
	}
	snprintf(text + at, EXCERPT_MAX - at, "%s", n > 0 ? "..." : "");
}
