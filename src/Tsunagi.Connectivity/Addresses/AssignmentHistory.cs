using System.Data;
using System.Globalization;
using System.Net;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// Who held which address when: rows of the control store, written inside the transaction of whoever gives and takes addresses (the line book, the allocator, the projection of
/// accounting). Every row is found under its exact prefix; the table of shapes tells which lengths occur, so that "who holds this address" is one look-up for each length.
/// </summary>
internal static class AssignmentHistory
{
    private static readonly RowInsert Rows = new(
        "connectivity_holding",
        [
            ("vrf_id", DbType.String), ("holding_key", DbType.String), ("from_at", DbType.Int64), ("session", DbType.String), ("prefix", DbType.String), ("line_id", DbType.String), ("tenant_id", DbType.String),
            ("tenant_path", DbType.String), ("to_at", DbType.Int64), ("node", DbType.String), ("first_port", DbType.Int64), ("last_port", DbType.Int64),
        ],
        "from_at");

    /// <summary>Begins (or, with an end, records whole) holdings. The same one again changes nothing: prefix, beginning and session are its identity.</summary>
    /// <exception cref="ArgumentException">A block of ports that is not aligned to its size, a power of two.</exception>
    public static async ValueTask OpenAsync(ISqlTransaction transaction, IReadOnlyList<Holding> holdings)
    {
        var rows = new List<object[]>(holdings.Count);
        var shapes = new HashSet<(string Vrf, bool Is6, int Length, int Ports)>();
        foreach (var holding in holdings)
        {
            var block = AddressBlock.From(holding.Prefix);
            var ports = holding.LastPort - holding.FirstPort + 1;
            if (ports < 1 || (ports & (ports - 1)) != 0 || holding.FirstPort % ports != 0 || holding.LastPort > 65_535)
            {
                throw new ArgumentException($"ports {holding.FirstPort} to {holding.LastPort} of {holding.Prefix} are no aligned block", nameof(holdings));
            }

            shapes.Add((holding.VrfId, block.Is6, block.Length, ports));
            rows.Add(
            [
                holding.VrfId, KeyOf(block, holding.FirstPort, ports), holding.FromMicros, holding.Session, block.ToString(), holding.LineId, holding.TenantId, holding.TenantPath,
                (object?)holding.ToMicros ?? DBNull.Value, holding.Node, (long)holding.FirstPort, (long)holding.LastPort,
            ]);
        }

        await Rows.WriteAsync(transaction, rows);
        foreach (var (vrf, is6, length, ports) in shapes)
        {
            await transaction.ExecuteAsync(
                "INSERT INTO connectivity_holding_shape (vrf_id, is6, length, ports) VALUES (@Vrf, @Is6, @Length, @Ports) ON CONFLICT DO NOTHING",
                new { Vrf = vrf, Is6 = is6 ? 1L : 0L, Length = (long)length, Ports = (long)ports });
        }
    }

    /// <summary>Ends what a session (or, with an empty one, the line itself) holds of this prefix. Never before it began; ending it again changes nothing.</summary>
    public static async ValueTask CloseAsync(ISqlTransaction transaction, string vrfId, IPNetwork prefix, string lineId, string session, long toMicros, int firstPort = 0, int lastPort = 65_535) =>
        await transaction.ExecuteAsync(
            """
            UPDATE connectivity_holding SET to_at = CASE WHEN from_at > @To THEN from_at ELSE @To END
            WHERE vrf_id = @VrfId AND holding_key = @Key AND session = @Session AND line_id = @LineId AND to_at IS NULL
            """,
            new { VrfId = vrfId, Key = KeyOf(AddressBlock.From(prefix), firstPort, lastPort - firstPort + 1), Session = session, LineId = lineId, To = toMicros });

    internal static string KeyOf(AddressBlock block, int firstPort, int ports) => ports == 65_536 ? block.Key : string.Create(CultureInfo.InvariantCulture, $"{block.Key}:{firstPort:x4}+{ports}");
}
