using System.Text.RegularExpressions;

namespace Tsunagi.Core.Store;

/// <summary>Writes <c>IN @Ids</c> out as <c>IN (@Ids_0, @Ids_1)</c>, and an empty list as <c>IN (NULL)</c>, which no row matches.</summary>
internal static partial class ListParameters
{
    public static string Expand(string sql, List<SqlParameterValue> values)
    {
        for (var i = values.Count - 1; i >= 0; i--)
        {
            if (values[i].Value is not SqlParameterValue[] elements)
            {
                continue;
            }

            sql = Replace(sql, values[i].Name, elements);
            values.RemoveAt(i);
            values.AddRange(elements);
        }

        return sql;
    }

    private static string Replace(string sql, string name, SqlParameterValue[] elements) =>
        Use().Replace(sql, match =>
        {
            if (!match.Groups["name"].ValueSpan.SequenceEqual(name))
            {
                return match.Value;
            }

            // NOT IN (NULL) would match nothing too, which is the opposite of what an empty NOT IN means.
            if (elements.Length == 0 && match.Groups["not"].Success)
            {
                throw new ArgumentException($"the list @{name} of a NOT IN is empty", nameof(elements));
            }

            var text = elements.Length == 0 ? "NULL" : string.Join(", ", elements.Select(static element => "@" + element.Name));
            return $"{match.Groups["not"].Value}{match.Groups["in"].Value}({text})";
        });

    [GeneratedRegex(@"(?<not>\bNOT\s+)?(?<in>\bIN\s*)?@(?<name>\w+)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Use();
}
