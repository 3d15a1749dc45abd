using System.Net;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// The addresses that are written on a line itself. In the transaction that changes the line: what is new is checked against other lines and taken from the pool it lies in, what is
/// gone rests there, and the history says from when to when it was the line's.
/// </summary>
internal sealed class FixedAddresses(Node node, TimeProvider time)
{
    /// <param name="before">The line as it was; null for a new one.</param>
    /// <param name="after">The line as it will be; an ended one holds nothing.</param>
    public async ValueTask<Refusal?> ApplyAsync(ISqlTransaction transaction, LineRow? before, LineRow after)
    {
        var now = time.NowMicros();
        var had = before is null ? [] : before.Fixed().ToHashSet();
        var has = after.IsEnded ? [] : after.Fixed().ToHashSet();
        foreach (var added in has.Except(had))
        {
            if (await TakeAsync(transaction, after, added, now) is { } refusal)
            {
                return refusal;
            }
        }

        foreach (var gone in had.Except(has))
        {
            await AssignmentHistory.CloseAsync(transaction, Vrf.Global, gone, after.Id, "", now);
            await transaction.ExecuteAsync(
                """
                UPDATE connectivity_assignment SET state = 'resting', free_at = @Now + 1000000 * (SELECT rest_seconds FROM connectivity_pool p WHERE p.id = pool_id)
                WHERE line_id = @Line AND cidr = @Cidr AND state IN ('active', 'part')
                """,
                new { Now = now, Line = after.Id, Cidr = gone.ToString() });
        }

        return null;
    }

    private async ValueTask<Refusal?> TakeAsync(ISqlTransaction transaction, LineRow line, IPNetwork network, long now)
    {
        var block = AddressBlock.From(network);
        var cidr = block.ToString();
        var other = await transaction.FirstOrDefaultAsync<string>(
            "SELECT id FROM connectivity_line WHERE ended_at IS NULL AND id <> @Id AND (v4 = @Cidr OR v6 = @Cidr OR link_prefix = @Cidr OR delegated_prefix = @Cidr) ORDER BY id", new { line.Id, Cidr = cidr });
        if (other is not null)
        {
            return Refusal.Conflict("connectivity.address.taken", $"{cidr} is another line's", FieldOf(line, cidr));
        }

        var range = block.Range;
        var pool = await transaction.FirstOrDefaultAsync<PoolRow>(
            $"SELECT {PoolRow.Columns} FROM connectivity_pool WHERE removed_at IS NULL AND vrf_id = @Vrf AND first_address <= @First AND last_address >= @Last ORDER BY id",
            new { Vrf = Vrf.Global, range.First, range.Last });
        if (pool is not null && !pool.ReservedList.Select(AddressBlock.Parse).Any(reserved => reserved.Contains(block)) && await TakeFromAsync(transaction, pool, line, block, now) is { } refusal)
        {
            return refusal;
        }

        await AssignmentHistory.OpenAsync(transaction, [new Holding(Vrf.Global, network, line.Id, line.TenantId, line.TenantPath, "", now, null, node.Name)]);
        return null;
    }

    private static async ValueTask<Refusal?> TakeFromAsync(ISqlTransaction transaction, PoolRow pool, LineRow line, AddressBlock block, long now)
    {
        if (pool.Purpose != PoolPurpose.Lines || block.Length != pool.PartLength)
        {
            return Refusal.Conflict(
                "connectivity.address.of-pool", $"{block} lies in the pool {pool.Name}, which gives /{pool.PartLength} to {pool.Purpose}: reserve it there first", FieldOf(line, block.ToString()));
        }

        var slot = (long)pool.Block.NumberOf(block, pool.PartLength);
        var mine = await transaction.FirstOrDefaultAsync<AssignmentRow>(
            $"SELECT {AssignmentRow.Columns} FROM connectivity_assignment WHERE pool_id = @Id AND slot = @Slot", new { pool.Id, Slot = slot });
        if (mine is not null)
        {
            return mine.LineId == line.Id && mine.State == AssignmentRow.Active ? null : Refusal.Conflict("connectivity.address.taken", $"{block} of the pool {pool.Name} is not free", FieldOf(line, block.ToString()));
        }

        var taken = await transaction.ExecuteAsync(
            $"""
            INSERT INTO connectivity_assignment ({AssignmentRow.Columns}) VALUES (@Id, @Slot, @VrfId, @Cidr, @Line, @TenantId, @TenantPath, '', 'active', @Now, NULL) ON CONFLICT DO NOTHING
            """,
            new { pool.Id, Slot = slot, pool.VrfId, Cidr = block.ToString(), Line = line.Id, line.TenantId, line.TenantPath, Now = now });
        return taken == 1 ? null : Refusal.Conflict("connectivity.address.twice", $"the line has an address of the pool {pool.Name} already", FieldOf(line, block.ToString()));
    }

    private static string FieldOf(LineRow line, string cidr) => cidr == line.V4 ? "v4" : cidr == line.V6 ? "v6" : cidr == line.LinkPrefix ? "linkPrefix" : "delegatedPrefix";
}
