using System.Buffers;
using System.Text;
using Tsunagi.Mail.Submission;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// Keeps the header section as it arrives (up to 64 KiB) and reads it once, when its end is there: the facts that the trace and the loop check need.
/// What the fields mean is the protocol library's to say; here is only what depends on this gateway.
/// </summary>
internal sealed class ArrivingHeader : IDisposable
{
    public const int MaxHeaderBytes = 64 * 1024;
    private const int MaxCharacters = 500;
    private static readonly HeaderLimits Limits = new() { SectionOctets = MaxHeaderBytes };

    private readonly byte[] _ownName;
    private byte[] _header = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;
    private bool _ended;

    /// <param name="ownName">Our name as it stands behind "by" in our trace fields.</param>
    public ArrivingHeader(string ownName) => _ownName = Encoding.ASCII.GetBytes("by " + ownName);

    public int ReceivedFields { get; private set; }

    /// <summary>Received fields that this gateway wrote.</summary>
    public int OwnFields { get; private set; }

    public string MessageId { get; private set; } = "";

    /// <summary>As people read it.</summary>
    public string Subject { get; private set; } = "";

    /// <summary>Of the first address in From.</summary>
    public string FromDomain { get; private set; } = "";

    /// <summary>The first address in From, in lower case; empty when none can be read.</summary>
    public string FromAddress { get; private set; } = "";

    /// <summary>The section holds octets above 127, which only SMTPUTF8 allows (RFC 6532).</summary>
    public bool HasEightBit { get; private set; }

    /// <summary>There is a Date field, whatever it says.</summary>
    public bool HasDate { get; private set; }

    /// <summary>It is a report of a program to programs (RFC 6522, RFC 8460, RFC 9990), by its fields: nobody reports on reports.</summary>
    public bool IsReport { get; private set; }

    /// <summary>A program wrote it without being asked by a person (RFC 3834 section 5): there is an Auto-Submitted field that does not say "no".</summary>
    public bool IsAutomatic { get; private set; }

    /// <summary>There is a Message-ID field, whatever it says.</summary>
    public bool HasMessageId { get; private set; }

    /// <summary>Why a credential may not hand this in (RFC 6409 section 6); after the section's end.</summary>
    public SmtpReply? WhyNotFrom(LiveCredential credential) =>
        SubmittedHeader.WhyNot(_header.AsSpan(0, _length), _length < MaxHeaderBytes, Limits, credential.Senders);

    public void Reset()
    {
        _length = 0;
        _ended = false;
        (HasDate, HasMessageId, IsReport, IsAutomatic) = (false, false, false, false);
        (ReceivedFields, OwnFields) = (0, 0);
        (MessageId, Subject, FromDomain, FromAddress) = ("", "", "", "");
        HasEightBit = false;
    }

    /// <summary>The next bytes of the content, with dots unstuffed.</summary>
    public void Feed(ReadOnlySpan<byte> content)
    {
        if (_ended)
        {
            return;
        }

        var searchFrom = Math.Max(0, _length - 3);
        var take = Math.Min(content.Length, MaxHeaderBytes - _length);
        Room(take);
        content[..take].CopyTo(_header.AsSpan(_length));
        _length += take;
        if (_length >= 2 && _header[0] == '\r' && _header[1] == '\n')
        {
            // No header section at all.
            _ended = true;
            return;
        }

        var end = _header.AsSpan(searchFrom, _length - searchFrom).IndexOf("\r\n\r\n"u8);
        if (end >= 0)
        {
            _length = searchFrom + end + 2;
        }
        else if (_length < MaxHeaderBytes)
        {
            return;
        }

        Read(_header.AsSpan(0, _length));
    }

    /// <summary>The content ended; a message may have no body.</summary>
    public void End()
    {
        if (!_ended)
        {
            Read(_header.AsSpan(0, _length));
        }
    }

    public void Dispose()
    {
        if (_header.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_header);
            _header = [];
        }
    }

    private void Read(ReadOnlySpan<byte> section)
    {
        _ended = true;
        HasEightBit = !Ascii.IsValid(section);
        var fields = new HeaderReader(section, Limits);
        while (fields.Read())
        {
            // The length alone tells most fields apart; of a field that stands twice the first counts.
            var field = fields.Field;
            switch (field.Name.Length)
            {
                case 4 when FromDomain.Length == 0 && field.Is("From"u8):
                    if (AddressField.TryReadFirst(field.Body, MaxCharacters, out _, out var from))
                    {
                        FromDomain = from!.Domain.ToLowerInvariant();
                        FromAddress = from.ToString().ToLowerInvariant();
                    }

                    break;
                case 7 when Subject.Length == 0 && field.Is("Subject"u8):
                    Subject = EncodedWord.Decode(field.Body, MaxCharacters);
                    IsReport |= Subject.StartsWith("Report Domain:", StringComparison.OrdinalIgnoreCase);
                    break;
                case 12 when field.Is("Content-Type"u8):
                    IsReport |= field.Unfold().StartsWith("multipart/report", StringComparison.OrdinalIgnoreCase);
                    break;
                case 14 when field.Is("Auto-Submitted"u8):
                    IsAutomatic |= !field.Unfold().Split(';', '(')[0].Trim().Equals("no", StringComparison.OrdinalIgnoreCase);
                    break;
                case 8 when field.Is("Received"u8):
                    ReceivedFields++;
                    OwnFields += IsOwn(field.Body) ? 1 : 0;
                    break;
                case 4 when !HasDate && field.Is("Date"u8):
                    HasDate = true;
                    break;
                case 10 when MessageId.Length == 0 && field.Is("Message-ID"u8):
                    HasMessageId = true;
                    MessageId = MessageHeader.ReadMessageId(field.Body, MaxCharacters);
                    break;
            }
        }
    }

    // Another host may bear our name; our ids only we write: "by <us> ... id m_<26 characters>".
    private bool IsOwn(ReadOnlySpan<byte> body)
    {
        var by = body.IndexOf(_ownName);
        if (by < 0)
        {
            return false;
        }

        var behind = body[(by + _ownName.Length)..];
        return (behind.IsEmpty || behind[0] is (byte)' ' or (byte)'\r' or (byte)'\t' or (byte)';') && behind.IndexOf("id m_"u8) >= 0;
    }

    private void Room(int count)
    {
        if (_header.Length - _length >= count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_header.Length * 2, _length + count));
        _header.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_header);
        _header = larger;
    }
}
