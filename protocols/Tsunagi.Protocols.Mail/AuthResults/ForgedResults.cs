using System.Buffers;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.AuthResults;

/// <summary>
/// Takes fields that only we may write off a message from outside (RFC 8601 section 5): Authentication-Results that claim one of our authserv-ids, and
/// those that can not be read, since some other reader might understand them as ours. Others are left: whom to trust is the caller's list.
/// </summary>
public static class ForgedResults
{
    /// <summary>The fields to be removed, the topmost first.</summary>
    /// <param name="header">The header section as it came.</param>
    /// <param name="ours">Our authserv-ids; compared without case, and as A-labels.</param>
    public static IReadOnlyList<int> Find(HeaderSection header, IReadOnlyCollection<string> ours)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(ours);
        var forged = new List<int>();
        foreach (int field in header.Find(AuthenticationResults.FieldName))
        {
            string? id = AuthenticationResults.TryParse(header.Body(field), out AuthenticationResults? read, out _) ? read!.AuthservId : null;
            if (id is null || ours.Any(own => IsSame(own, id)))
            {
                forged.Add(field);
            }
        }

        return forged;
    }

    /// <summary>Writes the header section as it came, its empty line included, without the fields.</summary>
    public static void WriteWithout(HeaderSection header, IReadOnlyCollection<int> fields, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(fields);
        ArgumentNullException.ThrowIfNull(output);
        header.WriteWithout(fields, output);
    }

    private static bool IsSame(string own, string claimed) =>
        own.Equals(claimed, StringComparison.OrdinalIgnoreCase)
            || (MailDomain.TryNormalize(own, out string a) && MailDomain.TryNormalize(claimed, out string b) && a == b);
}
