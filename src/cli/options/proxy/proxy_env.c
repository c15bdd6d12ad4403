#include "cli/options/proxy/proxy_env.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/access/access_entry.h"

const char *
proxy_env_value(const char *name)
{
	const char *value = secure_getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *
proxy_env_url(void)
{
	const char *url = proxy_env_value("all_proxy");

	return url != NULL ? url : proxy_env_value("ALL_PROXY");
}

/* Returns true if the name is host, or host is below it. */
static bool
covers_name(const char *name, size_t n, const char *host)
{
	size_t len = strlen(host);

	while (n > 0 && *name == '.') {
		name++;
		n--;
	}
	if (n > 0 && name[n - 1] == '.')
		n--;
	if (len > 0 && host[len - 1] == '.')
		len--;
	return n > 0 && len >= n && strncasecmp(host + len - n, name, n) == 0 &&
	    (len == n || host[len - n - 1] == '.');
}

static bool
covers_address(const char *word, const char *host)
{
	struct access_entry list, one;

	return access_entry_parse(word, &list, NULL) == 0 && list.kind == ACCESS_RANGE &&
	    access_entry_parse(host, &one, NULL) == 0 && one.kind == ACCESS_RANGE &&
	    memcmp(&list.range.lo, &one.range.lo, sizeof(list.range.lo)) <= 0 &&
	    memcmp(&list.range.hi, &one.range.lo, sizeof(list.range.hi)) >= 0;
}

bool
proxy_env_list_has(const char *list, const char *host)
{
	char word[ENDPOINT_HOST_MAX + 1];
	size_t n;

	for (; *list != '\0'; list += n) {
		list += strspn(list, ", ");
		n = strcspn(list, ", ");
		if (n == 0 || n >= sizeof(word))
			continue;
		memcpy(word, list, n);
		word[n] = '\0';
		if (strcmp(word, "*") == 0 || covers_address(word, host) ||
		    covers_name(word, n, host))
			return true;
	}
	return false;
}

bool
proxy_env_excludes(const char *host)
{
	const char *list = proxy_env_value("no_proxy");

	if (list == NULL)
		list = proxy_env_value("NO_PROXY");
	return list != NULL && proxy_env_list_has(list, host);
}
