using System.Globalization;

namespace Tsunagi.Connectivity.Import.FreeRadius;

/// <summary>
/// Reads the files of a FreeRADIUS installation by their names: SQL dumps (*.sql) with any of its tables, its tables as CSV (radcheck.csv …), clients.conf, and the users file (users, authorize). Never throws: what
/// cannot be read is a problem with its line.
/// </summary>
internal static class RadiusFiles
{
    private static readonly string[] Tables = ["radcheck", "radreply", "radgroupcheck", "radgroupreply", "radusergroup", "usergroup", "nas", "radippool", "radacct"];

    public static RadiusConfiguration Read(IEnumerable<ImportFile> files, int mostRows)
    {
        var read = new RadiusConfiguration();
        foreach (var file in files)
        {
            var name = Path.GetFileName(file.Name).ToLowerInvariant();
            var table = Path.GetFileNameWithoutExtension(name);
            if (name == "clients.conf")
            {
                ClientsConf.Read(file, read);
            }
            else if (name is "users" or "authorize" or "users.conf")
            {
                UsersFile.Read(file, read);
            }
            else if (name.EndsWith(".sql", StringComparison.Ordinal))
            {
                foreach (var each in SqlDump.Read(file.Name, file.Text, mostRows, read.Problems))
                {
                    Take(each, read);
                }
            }
            else if (name.EndsWith(".csv", StringComparison.Ordinal) && Tables.Contains(table))
            {
                Take(OfCsv(file, table, mostRows, read.Problems), read);
            }
            else
            {
                read.Problems.Add(new ImportProblem(file.Name, 0, "the file is none that is known: *.sql, " + string.Join(".csv, ", Tables) + ".csv, clients.conf, users, authorize", true));
            }
        }

        return read;
    }

    private static ImportTable OfCsv(ImportFile file, string table, int mostRows, List<ImportProblem> problems)
    {
        var rows = CsvReader.Read(file.Name, file.Text, mostRows, problems);
        if (rows.Count == 0)
        {
            problems.Add(new ImportProblem(file.Name, 0, "the file is empty", false));
            return new ImportTable(table, file.Name, []);
        }

        string[] head = [.. rows[0].Fields.Select(static field => field.Trim().ToLowerInvariant())];
        var taken = new List<ImportRow>(rows.Count);
        foreach (var (line, fields) in rows.Skip(1))
        {
            if (fields.Count != head.Length)
            {
                problems.Add(new ImportProblem(file.Name, line, $"the line has {fields.Count} fields, the head {head.Length}", true));
                continue;
            }

            var values = new Dictionary<string, string?>(StringComparer.Ordinal);
            for (var i = 0; i < head.Length; i++)
            {
                values[head[i]] = fields[i] is "NULL" or "\\N" ? null : fields[i];
            }

            taken.Add(new ImportRow(line, values));
        }

        return new ImportTable(table, file.Name, taken);
    }

    private static void Take(ImportTable table, RadiusConfiguration read)
    {
        switch (table.Name)
        {
            case "radcheck": Items(table, "username", read.UserChecks, read.Problems); break;
            case "radreply": Items(table, "username", read.UserReplies, read.Problems); break;
            case "radgroupcheck": Items(table, "groupname", read.GroupChecks, read.Problems); break;
            case "radgroupreply": Items(table, "groupname", read.GroupReplies, read.Problems); break;
            case "radusergroup" or "usergroup":
                read.Memberships.AddRange(table.Rows.Select(row => new RadiusMembership(table.File, row.Line, row["username"], row["groupname"], Number(row["priority"], 1))));
                break;
            case "nas": read.Clients.AddRange(table.Rows.Select(row => ClientOf(table.File, row))); break;
            case "radippool":
                read.PoolAddresses.AddRange(table.Rows.Select(row => new RadiusPoolAddress(table.File, row.Line, row["pool_name"], row["framedipaddress"], row["username"])));
                break;
            case "radacct":
                // MySQL's old way to say "not yet" is a date of zeros.
                read.OpenSessions.AddRange(table.Rows.Where(static row => row.IsNull("acctstoptime") || row["acctstoptime"].Length == 0 || row["acctstoptime"].StartsWith("0000-00-00", StringComparison.Ordinal))
                    .Select(row => SessionOf(table.File, row)));
                break;
            default:
                read.Problems.Add(new ImportProblem(table.File, 0, $"the table {table.Name} ({table.Rows.Count} rows) is none that is imported", false));
                break;
        }
    }

    private static void Items(ImportTable table, string of, List<RadiusItem> items, List<ImportProblem> problems)
    {
        foreach (var row in table.Rows)
        {
            if (row[of].Length == 0 || row["attribute"].Length == 0)
            {
                problems.Add(new ImportProblem(table.File, row.Line, $"a row of {table.Name} names no {of} or no attribute", true));
                continue;
            }

            // rlm_sql: no operator is "==".
            items.Add(new RadiusItem(table.File, row.Line, row[of], row["attribute"], row["op"] is { Length: > 0 } op ? op : "==", row.Values.GetValueOrDefault("value") ?? ""));
        }
    }

    private static RadiusClient ClientOf(string file, ImportRow row) => new(
        file, row.Line, row["shortname"] is { Length: > 0 } name ? name : row["nasname"], [row["nasname"]], row["secret"], row["type"],
        row["require_ma"].ToLowerInvariant() switch { "yes" or "1" or "true" => true, "no" or "0" or "false" => false, _ => null }, "");

    private static RadiusOpenSession SessionOf(string file, ImportRow row) => new(
        file, row.Line, row["acctsessionid"], row["username"], row["nasipaddress"], row["nasportid"], row["framedipaddress"], row["framedipv6address"], row["framedipv6prefix"], row["delegatedipv6prefix"],
        row["acctstarttime"], row["acctupdatetime"], Long(row["acctsessiontime"]), Long(row["acctinputoctets"]), Long(row["acctoutputoctets"]), row["callingstationid"]);

    private static int Number(string text, int otherwise) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static long Long(string text) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
