using System.Formats.Asn1;
using System.Text;

namespace Tsunagi.Protocols.Net.Ldap;

/// <summary>Writes requests (RFC 4511 section 4). A message's number is the caller's, from 1 on, and used once while its answer may come.</summary>
public static class LdapRequestWriter
{
    /// <summary>The extended operation that begins TLS (RFC 4511 section 4.14).</summary>
    public const string StartTlsName = "1.3.6.1.4.1.1466.20037";

    /// <summary>The control that asks for a search's answer in pages (RFC 2696).</summary>
    public const string PagedResults = "1.2.840.113556.1.4.319";

    private const int Version = 3;

    private enum Aliases
    {
        Always = 3,
    }

    /// <summary>BindRequest with a name and its password (RFC 4513 section 5.1.3); both empty for nobody (section 5.1.1).</summary>
    /// <exception cref="ArgumentException">A name without a password: servers take it for nobody and let it in (RFC 4513 section 5.1.2).</exception>
    public static byte[] SimpleBind(int messageId, string name, string password)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(password);
        if (name.Length > 0 && password.Length == 0)
        {
            throw new ArgumentException("a name without a password proves nothing", nameof(password));
        }

        return Message(messageId, writer =>
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, 0)))
            {
                writer.WriteInteger(Version);
                Text(writer, name);
                writer.WriteOctetString(Encoding.UTF8.GetBytes(password), new Asn1Tag(TagClass.ContextSpecific, 0));
            }
        });
    }

    /// <summary>SearchRequest (RFC 4511 section 4.5.1): aliases are followed, and the answer comes in pages (RFC 2696) when <paramref name="pageSize"/> is not 0.</summary>
    /// <param name="messageId">Its number.</param>
    /// <param name="baseDn">Where the search begins.</param>
    /// <param name="scope">How far it goes from there.</param>
    /// <param name="filter">Which objects are wanted.</param>
    /// <param name="attributes">Names of the wanted attributes; none asks for all.</param>
    /// <param name="timeLimitSeconds">What the server may take; 0 for no limit.</param>
    /// <param name="pageSize">Objects in one answer; 0 for all at once.</param>
    /// <param name="cookie">What the page before said; empty for the first.</param>
    public static byte[] Search(
        int messageId, string baseDn, LdapScope scope, LdapFilter filter, IReadOnlyList<string> attributes, int timeLimitSeconds, int pageSize, ReadOnlySpan<byte> cookie)
    {
        ArgumentNullException.ThrowIfNull(baseDn);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(attributes);
        var next = cookie.ToArray();
        return Message(
            messageId,
            writer =>
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.Application, 3)))
                {
                    Text(writer, baseDn);
                    writer.WriteEnumeratedValue(scope);
                    writer.WriteEnumeratedValue(Aliases.Always);
                    writer.WriteInteger(0);
                    writer.WriteInteger(timeLimitSeconds);
                    writer.WriteBoolean(false);
                    filter.Write(writer);
                    using (writer.PushSequence())
                    {
                        foreach (var attribute in attributes)
                        {
                            Text(writer, attribute);
                        }
                    }
                }
            },
            pageSize == 0 ? null : writer => Page(writer, pageSize, next));
    }

    /// <summary>The request to begin TLS on this connection (RFC 4511 section 4.14.1).</summary>
    public static byte[] StartTls(int messageId) => Message(messageId, static writer =>
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.Application, 23)))
        {
            writer.WriteOctetString(Encoding.ASCII.GetBytes(StartTlsName), new Asn1Tag(TagClass.ContextSpecific, 0));
        }
    });

    /// <summary>UnbindRequest (RFC 4511 section 4.3): the last word on a connection; nobody answers.</summary>
    public static byte[] Unbind(int messageId) => Message(messageId, static writer => writer.WriteNull(new Asn1Tag(TagClass.Application, 2)));

    // Critical: without pages a large directory answers with its first thousand, which would look like the rest had gone.
    private static void Page(AsnWriter writer, int size, byte[] cookie)
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        using (writer.PushSequence())
        {
            writer.WriteOctetString(Encoding.ASCII.GetBytes(PagedResults));
            writer.WriteBoolean(true);
            var value = new AsnWriter(AsnEncodingRules.BER);
            using (value.PushSequence())
            {
                value.WriteInteger(size);
                value.WriteOctetString(cookie);
            }

            writer.WriteOctetString(value.Encode());
        }
    }

    private static byte[] Message(int messageId, Action<AsnWriter> operation, Action<AsnWriter>? controls = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(messageId);
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(messageId);
            operation(writer);
            controls?.Invoke(writer);
        }

        return writer.Encode();
    }

    private static void Text(AsnWriter writer, string text) => writer.WriteOctetString(Encoding.UTF8.GetBytes(text));
}
