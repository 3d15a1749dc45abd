using Tsunagi.Connectivity.Addresses;

namespace Tsunagi.Connectivity.Import.Plan;

/// <summary>A prefix or aggregate as NetBox or phpIPAM tell it.</summary>
internal sealed record WantedPrefix(string File, int Line, AddressBlock Block, string Vrf, string State, string Rir, string Role, string Tenant, string Note);

/// <summary>
/// CSV exports of NetBox (prefixes, aggregates, ip-addresses) and phpIPAM (subnets), and of our own list: told apart by their heads. Never throws.
/// </summary>
internal static class PlanFiles
{
    public static IReadOnlyList<WantedPrefix> Read(IEnumerable<ImportFile> files, int mostRows, List<ImportProblem> problems)
    {
        var wanted = new List<WantedPrefix>();
        foreach (var file in files)
        {
            var rows = CsvReader.Read(file.Name, file.Text, mostRows, problems);
            var head = rows.Count == 0 ? [] : rows[0].Fields.Select(static field => field.Trim().ToLowerInvariant().Replace(' ', '_')).ToList();
            if (!(head.Contains("prefix") || head.Contains("subnet") || head.Contains("cidr") || head.Contains("address")))
            {
                problems.Add(new ImportProblem(file.Name, 1, "the head names no prefix, cidr, subnet or address", true));
                continue;
            }

            foreach (var (line, fields) in rows.Skip(1))
            {
                string Of(params ReadOnlySpan<string> columns)
                {
                    foreach (var column in columns)
                    {
                        if (head.IndexOf(column) is >= 0 and var at && at < fields.Count && fields[at].Trim() is { Length: > 0 } text)
                        {
                            return text;
                        }
                    }

                    return "";
                }

                Take(file, line, Of("prefix", "cidr", "subnet", "address"), Of("mask"), Of, wanted, problems);
            }
        }

        return wanted;
    }

    private delegate string Column(params ReadOnlySpan<string> columns);

    private static void Take(ImportFile file, int line, string text, string mask, Column of, List<WantedPrefix> wanted, List<ImportProblem> problems)
    {
        // phpIPAM has the length in a column of its own.
        var whole = text.Contains('/', StringComparison.Ordinal) || mask.Length == 0 ? text : $"{text}/{mask}";
        if (!AddressBlock.TryParse(whole, out var block))
        {
            problems.Add(new ImportProblem(file.Name, line, $"\"{whole}\" is no prefix, or has bits set below its length", true));
            return;
        }

        if (of("address").Length > 0 && of("prefix", "cidr", "subnet").Length == 0)
        {
            problems.Add(new ImportProblem(file.Name, line, $"the address {block.Address} is not taken: addresses belong to pools and lines here", false));
            return;
        }

        wanted.Add(new WantedPrefix(
            file.Name, line, block, of("vrf", "vrf_id"), StateOf(of("status", "state")), of("rir"), of("role", "section", "vlan_domain"), of("tenant", "customer"), of("description", "note", "comments")));
    }

    private static string StateOf(string status) => status.ToLowerInvariant() switch
    {
        "container" => PrefixState.Container,
        "reserved" => PrefixState.Reserved,
        "deprecated" => PrefixState.Deprecated,
        _ => PrefixState.Active,
    };
}
