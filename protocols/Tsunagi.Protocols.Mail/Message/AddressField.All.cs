using System.Diagnostics.CodeAnalysis;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>Every mailbox of a field, or none: for decisions that rest on who is named.</summary>
public static partial class AddressField
{
    private const int MaxMailboxes = 100;

    /// <summary>
    /// Reads a list of mailboxes whole. Groups, routes, empty members, an address in a display name and whatever else readers take differently make the list unreadable.
    /// </summary>
    /// <param name="body">The field's body, folds included.</param>
    /// <param name="mailboxes">The addresses, in order; at least one when true is returned.</param>
    /// <returns>False when any part of the list cannot be read in one way alone.</returns>
    // mailbox-list = (mailbox *("," mailbox)) ; mailbox = name-addr / addr-spec
    public static bool TryReadAll(ReadOnlySpan<byte> body, [NotNullWhen(true)] out IReadOnlyList<Mailbox>? mailboxes)
    {
        var read = new List<Mailbox>(1);
        mailboxes = null;
        for (ReadOnlySpan<byte> rest = HeaderField.UnfoldOctets(body); ;)
        {
            int length = Member(rest);
            if (length < 0 || read.Count == MaxMailboxes || !TryReadFirst(rest[..length], 200, out _, out Mailbox? mailbox))
            {
                return false;
            }

            read.Add(mailbox!);
            if (length == rest.Length)
            {
                mailboxes = read;
                return true;
            }

            rest = rest[(length + 1)..];
        }
    }

    // Octets up to the comma behind one mailbox, or to the end; -1 for what is not one plain mailbox.
    private static int Member(ReadOnlySpan<byte> text)
    {
        var (ats, angles, closed) = (0, 0, false);
        for (int at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case (byte)'(':
                    int comment = Comment(text[at..]);
                    if (text[at + comment - 1] != ')')
                    {
                        return -1;
                    }

                    at += comment - 1;
                    break;
                case (byte)'"':
                    int quoted = Quoted(text[at..]);
                    if (closed || quoted < 2 || text[at + quoted - 1] != '"')
                    {
                        return -1;
                    }

                    at += quoted - 1;
                    break;
                case (byte)'[':
                    int literal = text[at..].IndexOf((byte)']');
                    if (literal < 0 || ats == 0 || closed)
                    {
                        return -1;
                    }

                    at += literal;
                    break;
                case (byte)'<' when angles == 0 && ats == 0:
                    angles++;
                    break;
                case (byte)'>' when angles == 1 && !closed && ats == 1:
                    closed = true;
                    break;
                case (byte)'@' when ats == 0 && !closed:
                    ats++;
                    break;
                case (byte)',' when angles == 0 || closed:
                    return ats == 1 ? at : -1;
                case (byte)'<' or (byte)'>' or (byte)'@' or (byte)',' or (byte)':' or (byte)';' or (byte)'\\':
                    return -1;
                case (byte)' ' or (byte)'\t':
                    break;
                default:
                    if (closed)
                    {
                        return -1;
                    }

                    break;
            }
        }

        return ats == 1 && (angles == 0 || closed) ? text.Length : -1;
    }
}
