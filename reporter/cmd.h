/* SPDX-License-Identifier: MIT */
/*
 * The subcommands: each in cmd_<name>.c, called by main.c with argv[0] = its name. They return the
 * exit status.
 */
#ifndef REPORTER_CMD_H
#define REPORTER_CMD_H

enum { STATUS_TIMEOUT = 124, STATUS_FAILED = 125, STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127 };

int cmd_run(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_snapshot(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_explain(int argc, char **argv);

#endif
