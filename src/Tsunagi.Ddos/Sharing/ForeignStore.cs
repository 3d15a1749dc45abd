using System.Net;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;

namespace Tsunagi.Ddos.Sharing;

/// <summary>Reads what peers shared with us. It is the provider's: only its operators are shown it.</summary>
internal sealed class ForeignStore(Stores stores, SharingOptions options, TimeProvider time)
{
    private const string Last = "~";

    /// <param name="before">Only those with a smaller id; empty for the newest.</param>
    /// <param name="state">"open", "closed", "revoked", or empty.</param>
    public ValueTask<IReadOnlyList<ForeignIncident>> ListAsync(string text, string state, string before, int limit, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<ForeignIncident>(
            $"""
            SELECT {ForeignIncident.Columns} FROM ddos_foreign_incident WHERE id < @Before AND expires_at > @Now AND (@Text = '' OR id = @Text OR peer = @Text OR vector = @Text OR stix_id = @Text)
              AND (@State = '' OR (@State = 'revoked' AND revoked = 1) OR (@State = 'open' AND revoked = 0 AND closed_at IS NULL) OR (@State = 'closed' AND revoked = 0 AND closed_at IS NOT NULL))
            ORDER BY id DESC LIMIT @Limit
            """,
            new { Before = before.Length == 0 ? Last : before, Now = time.NowMicros(), Text = text, State = state, Limit = (long)limit }),
        cancellationToken);

    public ValueTask<ForeignIncident?> FindAsync(string id, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<ForeignIncident>($"SELECT {ForeignIncident.Columns} FROM ddos_foreign_incident WHERE id = @Id", new { Id = id }), cancellationToken);

    /// <summary>Senders a peer named, the newest first.</summary>
    public ValueTask<IReadOnlyList<ForeignSource>> SourcesAsync(string peer, int limit, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<ForeignSource>(
            $"SELECT {ForeignSource.Columns} FROM ddos_foreign_source WHERE peer = @Peer AND expires_at > @Now ORDER BY received_at DESC, network, stix_id, protocol, port LIMIT @Limit",
            new { Peer = peer, Now = time.NowMicros(), Limit = (long)limit }),
        cancellationToken);

    /// <summary>Patterns that are kept and not understood, the newest first.</summary>
    public ValueTask<IReadOnlyList<ForeignPattern>> PatternsAsync(int limit, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        reader => reader.QueryAsync<ForeignPattern>(
            "SELECT peer, stix_id, pattern, problem, name, received_at FROM ddos_foreign_pattern WHERE expires_at > @Now ORDER BY received_at DESC, peer, stix_id LIMIT @Limit", new { Now = time.NowMicros(), Limit = (long)limit }),
        cancellationToken);

    /// <summary>Which of an incident's sources peers have named; the surest first. Confidence falls by half in the half-life, and what is left of it below the least says nothing.</summary>
    public async ValueTask<IReadOnlyList<KnownSource>> KnownAsync(string topSources, CancellationToken cancellationToken)
    {
        var blocks = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var share in IncidentRow.Shares(topSources))
        {
            if (IPAddress.TryParse(share.Name, out var address))
            {
                foreach (var block in Around(address))
                {
                    blocks.TryAdd(block, share.Name);
                }
            }
        }

        if (!options.IsOn || blocks.Count == 0)
        {
            return [];
        }

        var now = time.NowMicros();
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<ForeignSource>(
                $"SELECT {ForeignSource.Columns} FROM ddos_foreign_source WHERE network IN @Blocks AND expires_at > @Now ORDER BY received_at DESC, peer, network, stix_id, protocol, port LIMIT 200",
                new { Blocks = blocks.Keys.ToArray(), Now = now }),
            cancellationToken);
        return
        [
            .. rows.Select(row => new KnownSource(blocks[row.Network], row.Peer, row.Name, Today(row.Confidence, row.ReceivedAt, now))).Where(known => known.Confidence >= options.LeastConfidence)
                .GroupBy(static known => (known.Address, known.Peer)).Select(static same => same.MaxBy(static known => known.Confidence)!)
                .OrderByDescending(static known => known.Confidence).ThenBy(static known => known.Address, StringComparer.Ordinal).ThenBy(static known => known.Peer, StringComparer.Ordinal),
        ];
    }

    /// <summary>What is left of a confidence.</summary>
    internal int Today(long confidence, long receivedAt, long now) => (int)Math.Round(confidence * Math.Pow(0.5, Math.Max(0, now - receivedAt) / options.HalfLife.TotalMicroseconds));

    // The blocks that may have been named and hold the address, as text.
    private IEnumerable<string> Around(IPAddress address)
    {
        var octets = address.GetAddressBytes();
        var is6 = octets.Length == 16;
        for (var length = octets.Length * 8; length >= (is6 ? options.ShortestPrefix6 : options.ShortestPrefix4); length--)
        {
            var cut = (byte[])octets.Clone();
            for (var bit = length; bit < cut.Length * 8; bit++)
            {
                cut[bit / 8] &= (byte)~(0x80 >> (bit % 8));
            }

            yield return new IPNetwork(new IPAddress(cut), length).ToString();
        }
    }
}
