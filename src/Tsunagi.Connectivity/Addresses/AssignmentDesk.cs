using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>Assignments that a person makes: to a line, to a tenant, to a device.</summary>
internal sealed class AssignmentDesk(PoolBook pools, LineBook lines, TenantDirectory tenants, AddressAllocator allocator)
{
    public async ValueTask<Outcome<AssignmentRow>> AssignAsync(Caller caller, string pool, NewAssignment wanted, CancellationToken cancellationToken)
    {
        if (await pools.FindAsync(caller, pool, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("pool", pool);
        }

        if (PrefixBook.NotOperator(caller) is { } forbidden)
        {
            return forbidden;
        }

        var block = default(AddressBlock);
        if (!string.IsNullOrEmpty(wanted.Cidr) && !AddressBlock.TryParse(wanted.Cidr, out block))
        {
            return Refusal.Invalid("connectivity.prefix.cidr", "cidr", $"\"{wanted.Cidr}\" is no address block", "such as 192.0.2.1 or 2001:db8::/56");
        }

        var line = string.IsNullOrEmpty(wanted.LineId) ? null : await lines.FindAsync(caller, wanted.LineId, cancellationToken);
        if (line is null && !string.IsNullOrEmpty(wanted.LineId))
        {
            return Refusal.NotFound("line", wanted.LineId);
        }

        var tenant = await tenants.FindAsync(caller, line?.TenantId ?? (string.IsNullOrEmpty(wanted.TenantId) ? caller.Scope.TenantId : wanted.TenantId), cancellationToken);
        return tenant is null
            ? Refusal.NotFound("tenant", wanted.TenantId!)
            : await allocator.TakeAsync(
                found, new AddressRequest(line?.Id ?? "", tenant.Id, tenant.TenantPath, wanted.Device?.Trim() ?? "", string.IsNullOrEmpty(wanted.Cidr) ? null : block, caller), cancellationToken);
    }
}
