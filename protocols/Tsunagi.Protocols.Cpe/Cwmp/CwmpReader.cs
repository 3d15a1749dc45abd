using Tsunagi.Protocols.Cpe.Xml;

namespace Tsunagi.Protocols.Cpe.Cwmp;

/// <summary>
/// Reads one SOAP message of CWMP as its octets come in (TR-069 A6 3.4, 3.5, Annex A): (1) octets become elements, (2) a value or name of a long list becomes an item as
/// soon as it ended, so that an answer of many hundred kilobytes is held once, as what it says, (3) the whole body becomes a message. It follows the standard and
/// bears what devices do beside it: prefixes that are missing, wrong or not declared, wrong lengths of arrays, blanks, byte order marks, ISO-8859-1, characters
/// that are not escaped, names in another case, SOAP 1.2. Not thread-safe; one for each message.
/// </summary>
public sealed class CwmpReader : IXmlSink
{
    private readonly CwmpLimits _limits;
    private readonly XmlPush _xml;
    private readonly List<XmlNode> _path = [];
    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);
    private CwmpVersion? _version;
    private CwmpMessage? _message;
    private long _octets;
    private int _elements;
    private string _wrong = "";

    /// <summary>A reader of one message.</summary>
    /// <param name="limits">Null: the defaults.</param>
    public CwmpReader(CwmpLimits? limits = null)
    {
        _limits = limits ?? CwmpLimits.Default;
        _xml = new XmlPush(this, _limits.Depth, _limits.Attributes, _limits.TagOctets, _limits.TextOctets);
    }

    /// <summary>Takes the next octets, however they are cut. False when the message cannot be read: <see cref="TryComplete"/> says why.</summary>
    public bool Feed(ReadOnlySpan<byte> octets)
    {
        if (_wrong.Length > 0)
        {
            return false;
        }

        _octets += octets.Length;
        if (_octets > _limits.MessageOctets)
        {
            _wrong = $"the message is longer than {_limits.MessageOctets} octets";
            return false;
        }

        if (_xml.Feed(octets) == XmlStatus.Bad)
        {
            _wrong = _xml.Problem;
        }

        return _wrong.Length == 0;
    }

    /// <summary>The message, once all octets were fed.</summary>
    /// <param name="envelope">Null when it cannot be read.</param>
    /// <param name="error">Why not.</param>
    public bool TryComplete(out CwmpEnvelope? envelope, out CwmpError error)
    {
        envelope = null;
        error = default;
        if (_wrong.Length == 0 && !_xml.IsWhole)
        {
            _wrong = _octets == 0 ? "the message is empty" : "the message ends within the envelope";
        }

        if (_wrong.Length > 0 || _message is null)
        {
            error = new CwmpError(_xml.Offset, _wrong.Length > 0 ? _wrong : "the envelope has no body with a message");
            return false;
        }

        envelope = new CwmpEnvelope
        {
            Version = _version ?? CwmpVersion.Cwmp10,
            Id = Header("ID"),
            HoldRequests = IsTrue("HoldRequests") || IsTrue("HoldRequest"),
            NoMoreRequests = IsTrue("NoMoreRequests"),
            SessionTimeoutSeconds = int.TryParse(Header("SessionTimeout"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds) ? seconds : 0,
            SupportedVersions = Header("SupportedCWMPVersions"),
            UseVersion = Header("UseCWMPVersion"),
            Message = _message,
        };
        return true;
    }

    /// <summary>Reads a whole message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, CwmpLimits? limits, out CwmpEnvelope? envelope, out CwmpError error)
    {
        var reader = new CwmpReader(limits);
        reader.Feed(octets);
        return reader.TryComplete(out envelope, out error);
    }

    string? IXmlSink.OnStart(string name, IReadOnlyList<XmlMark> marks)
    {
        if (++_elements > _limits.Elements)
        {
            return $"the message has more than {_limits.Elements} elements";
        }

        if (_path.Count == 0 && !string.Equals(name, "Envelope", StringComparison.OrdinalIgnoreCase))
        {
            return $"<{name}> is no SOAP envelope";
        }

        List<XmlMark>? kept = null;
        foreach (var mark in marks)
        {
            if (mark.Name == "xmlns" && CwmpVersions.TryParse(mark.Value, out var version))
            {
                // A device may declare several; the last one before the message is its own.
                _version = _path.Count <= 3 ? version : _version ?? version;
            }
            else if (string.Equals(mark.Name, "type", StringComparison.OrdinalIgnoreCase))
            {
                (kept ??= []).Add(mark);
            }
        }

        _path.Add(new XmlNode(name) { Marks = kept ?? (IReadOnlyList<XmlMark>)[] });
        return null;
    }

    string? IXmlSink.OnText(string text)
    {
        var node = _path[^1];
        node.Add(text);
        return node.TextLength > _limits.TextOctets ? $"a text is longer than {_limits.TextOctets} octets" : null;
    }

    string? IXmlSink.OnEnd(string name)
    {
        var node = _path[^1];
        _path.RemoveAt(_path.Count - 1);

        // Envelope, then Header or Body, then a header or the message, then its fields, then the items of a field.
        switch (_path.Count)
        {
            case 2 when _path[1].IsNamed("Header"):
                _headers.TryAdd(name, node.Text.Trim());
                break;
            case 2 when _path[1].IsNamed("Body"):
                if (_message is not null)
                {
                    return "the body holds a second message";
                }

                // (3)
                _message = Message(node);
                break;
            case >= 3 when _path[1].IsNamed("Body"):
                var parent = _path[^1];

                // (2)
                if (_path.Count == 4 && CwmpFields.Item(node) is { } item)
                {
                    (parent.Items ??= []).Add(item);
                }
                else
                {
                    parent.Add(node);
                }

                break;
        }

        return null;
    }

    private string? Header(string name) => _headers.GetValueOrDefault(name);

    private bool IsTrue(string name) => Header(name) is "1" or "true" or "True" or "TRUE";

    private static CwmpMessage Message(XmlNode node) => node.Name.ToUpperInvariant() switch
    {
        "INFORM" => Inform.Read(node),
        "INFORMRESPONSE" => new InformResponse(CwmpFields.Int(node, "MaxEnvelopes")),
        "GETRPCMETHODS" => new GetRpcMethods(),
        "GETRPCMETHODSRESPONSE" => GetRpcMethodsResponse.Read(node),
        "SETPARAMETERVALUES" => SetParameterValues.Read(node),
        "SETPARAMETERVALUESRESPONSE" => new SetParameterValuesResponse(CwmpFields.Int(node, "Status")),
        "GETPARAMETERVALUES" => GetParameterValues.Read(node),
        "GETPARAMETERVALUESRESPONSE" => GetParameterValuesResponse.Read(node),
        "GETPARAMETERNAMES" => GetParameterNames.Read(node),
        "GETPARAMETERNAMESRESPONSE" => GetParameterNamesResponse.Read(node),
        "SETPARAMETERATTRIBUTES" => SetParameterAttributes.Read(node),
        "SETPARAMETERATTRIBUTESRESPONSE" => new SetParameterAttributesResponse(),
        "GETPARAMETERATTRIBUTES" => GetParameterAttributes.Read(node),
        "GETPARAMETERATTRIBUTESRESPONSE" => GetParameterAttributesResponse.Read(node),
        "ADDOBJECT" => AddObject.Read(node),
        "ADDOBJECTRESPONSE" => AddObjectResponse.Read(node),
        "DELETEOBJECT" => DeleteObject.Read(node),
        "DELETEOBJECTRESPONSE" => new DeleteObjectResponse(CwmpFields.Int(node, "Status")),
        "REBOOT" => new Reboot(node.Word("CommandKey")),
        "REBOOTRESPONSE" => new RebootResponse(),
        "FACTORYRESET" => new FactoryReset(),
        "FACTORYRESETRESPONSE" => new FactoryResetResponse(),
        "SCHEDULEINFORM" => ScheduleInform.Read(node),
        "SCHEDULEINFORMRESPONSE" => new ScheduleInformResponse(),
        "DOWNLOAD" => Download.Read(node),
        "DOWNLOADRESPONSE" => DownloadResponse.Read(node),
        "UPLOAD" => Upload.Read(node),
        "UPLOADRESPONSE" => UploadResponse.Read(node),
        "TRANSFERCOMPLETE" => TransferComplete.Read(node),
        "TRANSFERCOMPLETERESPONSE" => new TransferCompleteResponse(),
        "AUTONOMOUSTRANSFERCOMPLETE" => AutonomousTransferComplete.Read(node),
        "AUTONOMOUSTRANSFERCOMPLETERESPONSE" => new AutonomousTransferCompleteResponse(),
        "REQUESTDOWNLOAD" => RequestDownload.Read(node),
        "REQUESTDOWNLOADRESPONSE" => new RequestDownloadResponse(),
        "CANCELTRANSFER" => new CancelTransfer(node.Word("CommandKey")),
        "CANCELTRANSFERRESPONSE" => new CancelTransferResponse(),
        "GETALLQUEUEDTRANSFERS" => new GetAllQueuedTransfers(),
        "GETALLQUEUEDTRANSFERSRESPONSE" => GetAllQueuedTransfersResponse.Read(node),
        "FAULT" => CwmpFault.Read(node),
        _ => new UnknownMethod(node.Name),
    };
}
