// SPDX-License-Identifier: Apache-2.0
/* Notifier chains: functions that are told of events, in the order of their priority. */
#include <linux/notifier.h>

int blocking_notifier_chain_register(struct blocking_notifier_head *nh, struct notifier_block *nb)
{
	struct notifier_block **link;
	int ret = 0;

	down_write(&nh->rwsem);
	for (link = &nh->head; *link && (*link)->priority >= nb->priority; link = &(*link)->next) {
		if (*link == nb)
			ret = -EEXIST;
	}
	if (!ret) {
		nb->next = *link;
		*link = nb;
	}
	up_write(&nh->rwsem);
	return ret;
}

int blocking_notifier_chain_unregister(struct blocking_notifier_head *nh, struct notifier_block *nb)
{
	struct notifier_block **link = &nh->head;
	int ret = -ENOENT;

	down_write(&nh->rwsem);
	while (*link && *link != nb)
		link = &(*link)->next;
	if (*link) {
		*link = nb->next;
		ret = 0;
	}
	up_write(&nh->rwsem);
	return ret;
}

int blocking_notifier_call_chain(struct blocking_notifier_head *nh, unsigned long action,
				 void *data)
{
	struct notifier_block *nb, *next;
	int ret = NOTIFY_DONE;

	down_read(&nh->rwsem);
	for (nb = nh->head; nb && !(ret & NOTIFY_STOP_MASK); nb = next) {
		/* it may free itself */
		next = nb->next;
		ret = nb->notifier_call(nb, action, data);
	}
	up_read(&nh->rwsem);
	return ret;
}
