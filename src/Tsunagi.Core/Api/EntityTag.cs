using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>A thing's version as an entity tag: version 3 is <c>"3"</c> (RFC 9110 section 8.8.3).</summary>
public static class EntityTag
{
    public static string Of(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>
    /// The version the caller's If-Match asks for; null when there is none or it is <c>*</c>. A refusal when the header is no tag of ours (RFC 9110
    /// section 13.1.1: a condition that cannot be read must not be taken as true).
    /// </summary>
    public static Refusal? TryReadIfMatch(HttpRequest request, out long? version)
    {
        version = null;
        var text = request.Headers.IfMatch.ToString().Trim();
        if (text.Length == 0 || text == "*")
        {
            return null;
        }

        if (text is ['"', .. var digits, '"'] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            version = number;
            return null;
        }

        return Refusal.Invalid("if-match.unreadable", "If-Match", $"the header If-Match is {Shown(text)}, which is no entity tag of this API", "the ETag of the last answer, such as \"3\", or *");
    }

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
