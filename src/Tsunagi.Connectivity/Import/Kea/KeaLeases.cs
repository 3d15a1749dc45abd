using System.Globalization;
using Tsunagi.Connectivity.Addresses;

namespace Tsunagi.Connectivity.Import.Kea;

/// <summary>A lease of Kea that had not ended when its file was written.</summary>
/// <param name="Client">Hardware address, or DUID and IAID.</param>
/// <param name="ExpiresAt">Seconds since 1970.</param>
internal sealed record KeaLease(string File, int Line, AddressBlock Block, string Client, string HostName, long ExpiresAt);

/// <summary>
/// Kea's memfile of leases (kea-leases4.csv, kea-leases6.csv): a journal, of which the last line of an address holds; state 0 is a lease, 1 declined, 2 expired. Never throws.
/// </summary>
internal static class KeaLeases
{
    public static IReadOnlyList<KeaLease> Read(ImportFile file, int mostRows, List<ImportProblem> problems)
    {
        var rows = CsvReader.Read(file.Name, file.Text, mostRows, problems);
        if (rows.Count == 0 || rows[0].Fields[0] != "address")
        {
            problems.Add(new ImportProblem(file.Name, 1, "the head is not that of Kea's leases (address, …)", true));
            return [];
        }

        var head = rows[0].Fields;
        var last = new Dictionary<AddressBlock, KeaLease?>();
        foreach (var (line, fields) in rows.Skip(1))
        {
            string Of(string column) => head.IndexOf(column) is >= 0 and var at && at < fields.Count ? fields[at] : "";
            var length = Of("prefix_len") is { Length: > 0 } text && Of("lease_type") == "2" ? "/" + text : "";
            if (!AddressBlock.TryParse(Of("address") + length, out var block) || !long.TryParse(Of("expire"), NumberStyles.None, CultureInfo.InvariantCulture, out var expires))
            {
                problems.Add(new ImportProblem(file.Name, line, "the line is no lease", true));
                continue;
            }

            // A lifetime of 0 is how an address is given back.
            var client = Of("hwaddr") is { Length: > 0 } hardware ? hardware : Of("duid") is { Length: > 0 } duid ? $"{duid}/{Of("iaid")}" : Of("client_id");
            last[block] = Of("state") is "" or "0" && Of("valid_lifetime") != "0" ? new KeaLease(file.Name, line, block, client, Of("hostname"), expires) : null;
        }

        return [.. last.Values.OfType<KeaLease>()];
    }
}
