using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Connectivity.Import.Kea;

/// <summary>The request to import what Kea has given and reserved.</summary>
public sealed record KeaImportRequest
{
    [Required, Length(1, 20), Description("Leases (kea-leases4.csv, kea-leases6.csv) and configurations (*.json, *.conf).")]
    public IReadOnlyList<ImportFile> Files { get; init; } = [];

    [MaxLength(40), Description("Whose the assignments are; the provider's without it.")]
    public string? TenantId { get; init; }

    [Description("True: say what would be done, and do nothing.")]
    public bool DryRun { get; init; } = true;
}

/// <summary>
/// Brings Kea's reservations and leases into the pools they lie in, as assignments with the client as their device, so that nobody else gets these addresses. A pool must be there first; what lies in none is told.
/// </summary>
internal sealed class KeaImport(PoolBook pools, AddressAllocator allocator, TenantDirectory tenants, ImportOptions options, TimeProvider time)
{
    private const string Kind = "assignment";

    public async ValueTask<Outcome<ImportReport>> RunAsync(Caller caller, KeaImportRequest request, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "connectivity.import.operators-only", "only the provider's operators import lines and access servers");
        }

        var owner = string.IsNullOrEmpty(request.TenantId) ? caller.Scope.TenantId : request.TenantId;
        if (await tenants.FindAsync(caller, owner, cancellationToken) is not { } tenant)
        {
            return Refusal.NotFound("tenant", owner);
        }

        var problems = new List<ImportProblem>();
        var wanted = Read(request, problems);
        var known = (await pools.ListAsync(caller, "", 10_000, cancellationToken)).Where(static pool => pool is { VrfId: Vrf.Global, Purpose: PoolPurpose.Lines }).ToList();
        var tally = new ImportTally();
        foreach (var (block, device, place) in wanted)
        {
            var pool = known.FirstOrDefault(each => each.Block.Contains(block) && each.PartLength == block.Length);
            if (pool is null)
            {
                tally.Refuse(Kind, block.ToString(), $"{place}: it lies in no pool for lines that gives /{block.Length}");
                continue;
            }

            var slot = (long)pool.Block.NumberOf(block, pool.PartLength);
            var there = (await pools.AssignmentsAsync(caller, pool.Id, "", slot - 1, 1, cancellationToken)).FirstOrDefault(row => row.Slot == slot);
            if (there is not null)
            {
                if (there.Device == device)
                {
                    tally.Same(Kind);
                }
                else
                {
                    tally.Refuse(Kind, block.ToString(), $"{place}: it is assigned to {(there.LineId.Length > 0 ? there.LineId : there.Device)}");
                }

                continue;
            }

            var taken = request.DryRun ? default(Outcome<AssignmentRow>?) : await allocator.TakeAsync(pool, new AddressRequest("", tenant.Id, tenant.TenantPath, device, block, caller), cancellationToken);
            if (taken is { Ok: false } refused)
            {
                tally.Refuse(Kind, block.ToString(), refused.Refusal!.Message);
            }
            else
            {
                tally.Add(Kind, block.ToString(), $"{pool.Name}, {device}");
            }
        }

        return tally.Report(request.DryRun, problems, [], []);
    }

    private List<(AddressBlock Block, string Device, string Place)> Read(KeaImportRequest request, List<ImportProblem> problems)
    {
        var wanted = new Dictionary<AddressBlock, (string, string)>();
        foreach (var file in request.Files)
        {
            if (file.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            {
                var now = time.GetUtcNow().ToUnixTimeSeconds();
                foreach (var lease in KeaLeases.Read(file, options.MaxRows, problems).Where(lease => lease.ExpiresAt > now))
                {
                    wanted.TryAdd(lease.Block, ($"DHCP lease {lease.Client}{(lease.HostName.Length > 0 ? " " + lease.HostName : "")}", $"{lease.File}:{lease.Line}"));
                }
            }
            else
            {
                foreach (var reservation in KeaReservations.Read(file, problems))
                {
                    if (reservation.CircuitId.Length > 0)
                    {
                        problems.Add(new ImportProblem(file.Name, 0, $"{reservation.Client} ({reservation.CircuitId}) is a circuit: set up a line with it to let it prove the line", false));
                    }

                    foreach (var block in reservation.Blocks)
                    {
                        wanted[block] = ($"reserved for {reservation.Client}{(reservation.HostName.Length > 0 ? " " + reservation.HostName : "")}", reservation.File);
                    }
                }
            }
        }

        return [.. wanted.OrderBy(static pair => pair.Key).Select(static pair => (pair.Key, pair.Value.Item1.Length > 200 ? pair.Value.Item1[..200] : pair.Value.Item1, pair.Value.Item2))];
    }
}
