using Tsunagi.Core.Store;

namespace Tsunagi.Core.Lease;

/// <summary>
/// The rows of leases in the control store, and in both stores the newest epoch, which guards read. A new holder writes it in both before it
/// acts, so a guarded write of the old one is refused from then on.
/// </summary>
public static class LeaseSchema
{
    private const string Fence = "CREATE TABLE lease_fence (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL);";

    public static readonly SchemaPart Control = new("lease", StoreKind.Control,
    [
        new SchemaStep(1, "CREATE TABLE lease (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, holder TEXT, beat INTEGER NOT NULL);" + Fence),
    ]);

    public static readonly SchemaPart Projections = new("lease", StoreKind.Projections, [new SchemaStep(1, Fence)]);
}
