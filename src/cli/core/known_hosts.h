/*
 * Names of hosts for completion: those of /etc/hosts, and of ssh(1), which the user has met.
 */
#ifndef CLI_CORE_KNOWN_HOSTS_H
#define CLI_CORE_KNOWN_HOSTS_H

/* The form of a file: hosts(5), known_hosts and ssh_config(5). */
enum known_hosts_form { KNOWN_HOSTS_ETC, KNOWN_HOSTS_SSH, KNOWN_HOSTS_SSH_CONFIG };

/* Calls fn for each name in /etc/hosts, in the known_hosts and config of ~/.ssh, and in
 * /etc/ssh/ssh_known_hosts. Names that are hashed, patterns and excluded ones are left out; a name
 * may come twice. Reads at most 1 MiB of each file. */
void known_hosts_each(void (*fn)(void *arg, const char *name), void *arg);

/* The same for one text, which it changes. */
void known_hosts_parse(enum known_hosts_form form, char *text,
    void (*fn)(void *arg, const char *name), void *arg);

#endif
