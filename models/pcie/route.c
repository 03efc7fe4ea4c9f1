// SPDX-License-Identifier: Apache-2.0
/*
 * The way of a request through buses and bridges (PCI Express 6.x, 2.2.4.1 and 6.12): by its address to a peer, or up to
 * the root complex, as ACS decides; and the requester id that it has there.
 *
 * Where no ACS forbids it, peers reach each other: what the specification permits but leaves to the implementation is
 * taken for done, as software must that groups devices. Peers are functions of one device, what is below the downstream
 * ports of one switch, and what is on one conventional bus; a root complex forwards only among functions of one device.
 */
#include "pcie-function.h"

static u32 acs_control(const struct pcie_node *node)
{
	return node->acs ? node->acs[ACS_REGISTERS / 4].value >> HIGH_HALF : 0;
}

static unsigned int device_number(const struct pcie_node *node)
{
	return node->source_id >> 3 & 0x1f;
}

static bool is_conventional(const struct pcie_bridge *bridge)
{
	return bridge->config.kind == PCIE_TO_PCI_BRIDGE ||
	       bridge->config.kind == PCI_TO_PCI_BRIDGE;
}

/* A port that has a link below it. */
static bool is_downstream_facing(const struct pcie_bridge *bridge)
{
	return bridge->config.kind == PCIE_ROOT_PORT || bridge->config.kind == PCIE_DOWNSTREAM_PORT;
}

static bool below_upstream_port(const struct pcie_bus *bus)
{
	return bus->bridge && bus->bridge->config.kind == PCIE_UPSTREAM_PORT;
}

/* ---- requester ids ---- */

/* What a bridge makes of the requester id of what passes it. */
static u16 id_above(const struct pcie_bridge *bridge, u16 id)
{
	/* PCI Express to PCI/PCI-X Bridge Specification 1.0, 2.3: the bridge owns the transaction */
	if (bridge->config.kind == PCIE_TO_PCI_BRIDGE)
		return (u16)(pcie_bridge_secondary(bridge) << 8);
	/* conventional requests have no id: the last bridge's is known (one source) */
	if (bridge->config.kind == PCI_TO_PCI_BRIDGE)
		return bridge->config.source_id;
	return id;
}

static u16 own_id(const struct pcie_function *function)
{
	u16 id = function->config.source_id;

	return function->config.has_alias ? (u16)((id & 0xff00) | function->config.alias) : id;
}

u16 pcie_requester_id(const struct pcie_function *function)
{
	const struct pcie_bus *bus = function->node.bus;
	u16 id = own_id(function);

	for (; bus && bus->bridge; bus = bus->bridge->node.bus)
		id = id_above(bus->bridge, id);
	return id;
}

/* ---- peers ---- */

/* The function below the same root bus whose BAR an address lies in, or NULL. */
static const struct pcie_node *find_target(const struct pcie_bus *bus,
					   const struct translation_request *request)
{
	const struct pcie_function *target = bus->root->targets;

	if (request->type == ADDRESS_TRANSLATION_REQUEST)
		return NULL;
	while (target && !pcie_decodes(target, request->address.v))
		target = target->next_target;
	return target ? &target->node : NULL;
}

/* What on a bus leads to a target: that itself, or a bridge; NULL: the target is not below. */
static const struct pcie_node *towards(const struct pcie_bus *bus, const struct pcie_node *target)
{
	while (target && target->bus != bus)
		target = target->bus->bridge ? &target->bus->bridge->node : NULL;
	return target;
}

/* 6.12.3: what the controls of where a request comes from say of its going to a peer (one source) */
static enum pcie_route redirect(const struct pcie_node *from, const struct pcie_node *to,
				const struct translation_request *request)
{
	u32 control = acs_control(from);
	bool redirects = control & PCIE_ACS_REQUEST_REDIRECT;
	/* ports are numbered by their device, functions of a device by themselves */
	unsigned int number = below_upstream_port(to->bus) ? device_number(to) : to->source_id & 7;

	if (request->type == ADDRESS_TRANSLATED && control & PCIE_ACS_DIRECT_TRANSLATED)
		return PCIE_ROUTE_PEER;
	if (!(control & PCIE_ACS_EGRESS_CONTROL))
		return redirects ? PCIE_ROUTE_ROOT : PCIE_ROUTE_PEER;
	if (!(from->acs[ACS_EGRESS_VECTOR / 4].value >> number & 1))
		return PCIE_ROUTE_PEER;
	return redirects ? PCIE_ROUTE_ROOT : PCIE_ROUTE_BLOCKED;
}

/* On a bus, a request comes from one node and its target is towards another. ROOT: it goes on up. */
static enum pcie_route turn(const struct pcie_node *from, const struct pcie_node *to,
			    const struct translation_request *request)
{
	const struct pcie_bus *bus = from->bus;

	if (from == to)
		return PCIE_ROUTE_ROOT;
	if (bus->bridge && is_conventional(bus->bridge))
		return PCIE_ROUTE_PEER;
	if (!below_upstream_port(bus) && device_number(from) != device_number(to))
		return PCIE_ROUTE_ROOT;
	return redirect(from, to, request);
}

/* ---- the way up ---- */

/* 6.12.1.1: a port lets a request of its link pass upstream, sends it back down, or blocks it. */
static enum pcie_route pass_port(const struct pcie_bridge *port, const struct pcie_node *target,
				 const struct translation_request *request)
{
	u32 control = acs_control(&port->node);
	u8 bus = (u8)(request->source_id >> 8);

	if (control & PCIE_ACS_SOURCE_VALIDATION &&
	    (bus < pcie_bridge_secondary(port) || bus > pcie_bridge_subordinate(port)))
		return PCIE_ROUTE_BLOCKED;
	if (control & PCIE_ACS_TRANSLATION_BLOCKING && request->type != ADDRESS_UNTRANSLATED)
		return PCIE_ROUTE_BLOCKED;
	if (towards(&port->secondary, target) && !(control & PCIE_ACS_UPSTREAM_FORWARDING))
		return PCIE_ROUTE_PEER;
	return PCIE_ROUTE_ROOT;
}

static enum pcie_route route(const struct pcie_function *function,
			     struct translation_request *request)
{
	const struct pcie_node *from = &function->node;
	const struct pcie_node *target = find_target(from->bus, request);
	enum pcie_route way = PCIE_ROUTE_ROOT;

	for (;;) {
		const struct pcie_node *to = towards(from->bus, target);
		const struct pcie_bridge *bridge = from->bus->bridge;

		if (to)
			way = turn(from, to, request);
		if (way == PCIE_ROUTE_ROOT && bridge && is_downstream_facing(bridge))
			way = pass_port(bridge, target, request);
		if (way != PCIE_ROUTE_ROOT || !bridge)
			return way;
		request->source_id = id_above(bridge, request->source_id);
		from = &bridge->node;
	}
}

/* What becomes of a request that the root complex does not see. */
static struct translation_result result_off_root(const struct pcie_transaction *transaction)
{
	if (transaction->route == PCIE_ROUTE_BLOCKED)
		return (struct translation_result){ .ats_status = ATS_UNSUPPORTED_REQUEST };
	return (struct translation_result){
		.address = hpa(transaction->request.address.v),
		.page_size = MODEL_PAGE_SIZE,
		.rights = ACCESS_READ | ACCESS_WRITE,
	};
}

void pcie_send(struct pcie_function *function, struct pcie_transaction *transaction)
{
	const struct pcie_upstream *upstream = &function->upstream;

	transaction->request.source_id = own_id(function);
	transaction->route = PCIE_ROUTE_ROOT;
	if (function->node.bus)
		transaction->route = route(function, &transaction->request);
	if (transaction->route != PCIE_ROUTE_ROOT)
		transaction->result = result_off_root(transaction);
	function->peer_requests += transaction->route == PCIE_ROUTE_PEER;
	if (transaction->route == PCIE_ROUTE_BLOCKED) {
		function->blocked_requests++;
		transaction->status = PORT_ERROR;
		return;
	}
	upstream->access(upstream->ctx, transaction);
}

void pcie_function_place(struct pcie_function *function, struct pcie_bus *bus)
{
	function->node.bus = bus;
	if (!function->config.bar_size)
		return;
	function->next_target = bus->root->targets;
	bus->root->targets = function;
}
