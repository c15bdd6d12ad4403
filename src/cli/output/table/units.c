#include "cli/output/table/units.h"

#include <stdio.h>
#include <string.h>

#include "base/deadline.h"

const char *
units_size(double bytes, char text[UNITS_TEXT_MAX])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t u = 0;

	/* 1023.95 KiB would be written as 1024.0 KiB */
	while (bytes >= (u == 0 ? 1024 : 1023.95) && u < 4) {
		bytes /= 1024;
		u++;
	}
	snprintf(text, UNITS_TEXT_MAX, u == 0 ? "%.0f %s" : "%.1f %s", bytes, units[u]);
	return text;
}

const char *
units_rate(double bytes_per_second, char text[UNITS_TEXT_MAX])
{
	size_t n;

	units_size(bytes_per_second, text);
	n = strlen(text);
	snprintf(text + n, UNITS_TEXT_MAX - n, "/s");
	return text;
}

const char *
units_time(int64_t nsec, char text[UNITS_TEXT_MAX])
{
	double seconds = (double)nsec / (double)NSEC_PER_SEC;

	if (seconds < 0.999995)
		snprintf(text, UNITS_TEXT_MAX, "%.2f ms", seconds * 1000);
	else if (seconds < 599.95)
		snprintf(text, UNITS_TEXT_MAX, "%.1f s", seconds);
	else if (seconds < 3600)
		snprintf(text, UNITS_TEXT_MAX, "%.0f min", seconds / 60);
	else
		snprintf(text, UNITS_TEXT_MAX, "%.1f h", seconds / 3600);
	return text;
}
