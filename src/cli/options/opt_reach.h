/*
 * What the value of an option gives access to.
 */
#ifndef CLI_OPTIONS_OPT_REACH_H
#define CLI_OPTIONS_OPT_REACH_H

/* A script may use it only where struct opt_grant
 * allows it. Each row whose value names a file or a descriptor has a reach; tests/unit/cli/opt.c
 * checks the tables. */
enum opt_reach {
	REACH_NOTHING,
	REACH_FILE, /* a file that is read, created, changed or removed */
	/* certificates and keys: they are read, but none of their content is shown */
	REACH_TRUST,
	REACH_FD,      /* the number of an inherited descriptor */
	REACH_FILE_FD, /* FILE or fd:N */
	REACH_PROGRAM  /* a program that is run */
};

/* Whether the file that a value names is written; written_files.h checks that no other one is it. */
enum opt_writes {
	WRITES_NOTHING,
	WRITES_FILE,
	WRITES_DUMP /* emptied first, but with --append */
};

#endif
