using System.Text;

namespace Tsunagi.Connectivity.Import.FreeRadius;

/// <summary>clients.conf: "client NAME { ipaddr = …  secret = … }", comments, quoted values; sections inside a client and $INCLUDE lines are passed over and told.</summary>
internal static class ClientsConf
{
    public static void Read(ImportFile file, RadiusConfiguration read)
    {
        var depth = 0;
        var (name, began) = ("", 0);
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var number = 0;
        foreach (var raw in file.Text.Split('\n'))
        {
            number++;
            var line = WithoutComment(raw).Trim();
            if (line.Length == 0)
            {
                continue;
            }

            if (line.StartsWith("$INCLUDE", StringComparison.OrdinalIgnoreCase))
            {
                read.Problems.Add(new ImportProblem(file.Name, number, $"{line}: give that file too", true));
            }
            else if (line.EndsWith('{'))
            {
                depth++;
                var head = line[..^1].Trim();
                if (depth == 1 && head.StartsWith("client ", StringComparison.Ordinal))
                {
                    (name, began) = (Unquote(head["client ".Length..].Trim()), number);
                    values.Clear();
                }
                else
                {
                    read.Problems.Add(new ImportProblem(file.Name, number, $"the section \"{head}\" is not taken", false));
                }
            }
            else if (line == "}")
            {
                depth = Math.Max(0, depth - 1);
                if (depth == 0 && name.Length > 0)
                {
                    Add(file, began, name, values, read);
                    name = "";
                }
            }
            else if (depth == 1 && name.Length > 0 && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
            {
                values[line[..equals].Trim()] = Unquote(line[(equals + 1)..].Trim());
            }
            else if (depth <= 1)
            {
                read.Problems.Add(new ImportProblem(file.Name, number, $"\"{Short(line)}\" was not understood", true));
            }
        }

        if (name.Length > 0)
        {
            read.Problems.Add(new ImportProblem(file.Name, began, $"the section of client {name} is not closed", true));
        }
    }

    private static void Add(ImportFile file, int line, string name, Dictionary<string, string> values, RadiusConfiguration read)
    {
        var sources = ((string[])["ipaddr", "ipv4addr", "ipv6addr"]).Select(key => values.GetValueOrDefault(key) ?? "").Where(static source => source.Length > 0).ToList();
        if (sources.Count == 0)
        {
            sources.Add(name);
        }
        else if (values.TryGetValue("netmask", out var mask) && sources.Count == 1 && !sources[0].Contains('/', StringComparison.Ordinal))
        {
            sources[0] += "/" + mask;
        }

        foreach (var (key, value) in values.Where(static pair => pair.Key is not ("ipaddr" or "ipv4addr" or "ipv6addr" or "netmask" or "secret" or "shortname" or "nas_type" or "nastype" or "require_message_authenticator" or "coa_server" or "proto")))
        {
            read.Problems.Add(new ImportProblem(file.Name, line, $"client {name}: {key} = {Short(value)} is not taken", false));
        }

        read.Clients.Add(new RadiusClient(
            file.Name, line, values.GetValueOrDefault("shortname") is { Length: > 0 } shortName ? shortName : name, sources, values.GetValueOrDefault("secret") ?? "",
            values.GetValueOrDefault("nas_type") ?? values.GetValueOrDefault("nastype") ?? "",
            values.GetValueOrDefault("require_message_authenticator")?.ToLowerInvariant() switch { "yes" or "true" or "1" => true, "no" or "false" or "0" => false, _ => null },
            values.GetValueOrDefault("coa_server") ?? ""));
    }

    private static string WithoutComment(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
            {
                quote = line[i] == quote && line[i - 1] != '\\' ? '\0' : quote;
            }
            else if (line[i] is '"' or '\'')
            {
                quote = line[i];
            }
            else if (line[i] == '#')
            {
                return line[..i];
            }
        }

        return line;
    }

    internal static string Unquote(string text)
    {
        if (text.Length < 2 || text[0] is not ('"' or '\'') || text[^1] != text[0])
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 1; i < text.Length - 1; i++)
        {
            plain.Append(text[i] == '\\' && i + 1 < text.Length - 1 ? text[++i] : text[i]);
        }

        return plain.ToString();
    }

    private static string Short(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
