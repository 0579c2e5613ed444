/* SPDX-License-Identifier: MIT */
/*
 * Whether a birth site that looked like growing still does. Called by the reader when a process is
 * loaded; not signal-safe.
 */
#ifndef REPORTER_GROWTH_H
#define REPORTER_GROWTH_H

#include "model.h"

/*
 * Takes XF_GROWING from sites whose growth has ended or was none. The preload flags six windows in
 * a row whose least live count was a new high (state/sites.c), and looks only when something is
 * made or goes. What it cannot see is judged here: a ramp that has levelled off since, and a load
 * that rises while each single thing lives briefly, the morning of a daily cycle.
 */
void growth_settle(struct model_process *p);

#endif
