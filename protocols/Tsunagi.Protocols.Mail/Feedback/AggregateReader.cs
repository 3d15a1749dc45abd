using System.Collections.Immutable;
using System.Net;
using System.Xml;
using Tsunagi.Protocols.Mail.Dmarc;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>
/// Reads an aggregate report as a stream: RFC 9990 section 3.1 and its appendix, RFC 7489 appendix C, and what early drafts' reporters write: no version, no
/// namespace or another, elements nobody knows, several results of SPF. Elements are known by their local names; order does not matter. Declarations of
/// document types are refused, so that no entity is ever expanded.
/// </summary>
internal sealed class AggregateReader
{
    private const int MostExtensions = 20;
    private const int MostErrors = 20;

    private readonly XmlReader _xml;
    private readonly FeedbackLimits _limits;
    private readonly FeedbackText _text;
    private readonly ImmutableArray<AggregateRecord>.Builder _records = ImmutableArray.CreateBuilder<AggregateRecord>();
    private readonly List<PublishedPolicy> _policies = [];
    private readonly List<string> _extensions = [];
    private readonly char[] _value;
    private AggregateReport _report = new() { Policy = new PublishedPolicy { Domain = "" } };
    private long? _begin;
    private long? _end;
    private int _unreadable;
    private string? _refused;

    private AggregateReader(XmlReader xml, FeedbackLimits limits)
    {
        (_xml, _limits, _text, _value) = (xml, limits, new FeedbackText(limits), new char[limits.TextCharacters]);
    }

    /// <summary>False, with the reason, for what is no such report or goes beyond a limit.</summary>
    public static bool TryRead(Stream octets, FeedbackLimits limits, out AggregateReport? report, out string why)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, IgnoreWhitespace = true, CloseInput = false,
            MaxCharactersInDocument = limits.Octets,
        };
        try
        {
            using var guarded = new ElementGuard(octets, limits.ElementOctets);
            using var xml = XmlReader.Create(guarded, settings);
            return new AggregateReader(xml, limits).TryRead(out report, out why);
        }
        catch (XmlException broken)
        {
            // The base library reads XML by exceptions; its words name the place.
            report = null;
            why = "it is no XML that can be read: " + Message.DisplayText.Clean(broken.Message, 200);
            return false;
        }
    }

    private bool TryRead(out AggregateReport? report, out string why)
    {
        report = null;
        why = "";
        if (_xml.MoveToContent() != XmlNodeType.Element || _xml.LocalName != "feedback")
        {
            why = "its outermost element is not feedback";
            return false;
        }

        Children(ReadPart);
        why = _refused ?? (_policies.Count == 0 ? "it names no policy and no domain (policy_published)" : _begin is null || _end is null ? "it does not say of which time it is (date_range)" : "");
        if (why.Length > 0)
        {
            return false;
        }

        report = _report with
        {
            Policy = _policies[0], FurtherPolicies = [.. _policies.Skip(1)], BeginSeconds = _begin!.Value, EndSeconds = Math.Max(_begin.Value, _end!.Value), Records = _records.ToImmutable(),
            UnreadableRecords = _unreadable, Extensions = [.. _extensions],
        };
        return true;
    }

    private void ReadPart(string name)
    {
        switch (name)
        {
            case "version":
                _report = _report with { Version = Text() };
                break;
            case "report_metadata":
                Children(ReadMetadata);
                break;
            case "policy_published":
                ReadPolicy();
                break;
            case "record":
                ReadRecord();
                break;
            default:
                Unknown(name);
                break;
        }
    }

    private void ReadMetadata(string name)
    {
        switch (name)
        {
            case "org_name":
                _report = _report with { Organization = Text() };
                break;
            case "email":
                _report = _report with { Email = Text() };
                break;
            case "extra_contact_info":
                _report = _report with { ExtraContact = Text() };
                break;
            case "report_id":
                _report = _report with { ReportId = Text() };
                break;
            case "generator":
                _report = _report with { Generator = Text() };
                break;
            case "error" when _report.Errors.Length < MostErrors:
                _report = _report with { Errors = _report.Errors.Add(Text()) };
                break;
            case "date_range":
                Children(ReadRange);
                break;
            default:
                Unknown(name);
                break;
        }
    }

    private void ReadRange(string name)
    {
        switch (name)
        {
            case "begin":
                _begin ??= FeedbackText.Seconds(Raw());
                break;
            case "end":
                _end ??= FeedbackText.Seconds(Raw());
                break;
            default:
                Unknown(name);
                break;
        }
    }

    private void ReadPolicy()
    {
        var policy = new PublishedPolicy { Domain = "" };
        Children(name => policy = name switch
        {
            "domain" => policy with { Domain = _text.Domain(Raw()) },
            "p" => policy with { Policy = PolicyOf(Raw()) },
            "sp" => policy with { SubdomainPolicy = PolicyOf(Raw()) },
            "np" => policy with { NonExistentPolicy = PolicyOf(Raw()) },
            "adkim" => policy with { DkimAlignment = AlignmentOf(Raw()) },
            "aspf" => policy with { SpfAlignment = AlignmentOf(Raw()) },
            "testing" or "t" => policy with { IsTesting = Word(Raw()) is "y" or "yes" or "true" },
            "pct" => policy with { Percent = FeedbackText.Count(Raw()) is <= 100 and var percent ? (int)percent : null },
            "fo" => policy with { FailureOptions = Text() },
            "discovery_method" => policy with { Discovery = Word(Raw()) switch { "psl" => DiscoveryMethod.Psl, "treewalk" => DiscoveryMethod.TreeWalk, _ => DiscoveryMethod.Unspecified } },
            _ => Passed(name, policy),
        });
        if (policy.Domain.Length > 0 && _policies.Count < _limits.ResultsEach)
        {
            _policies.Add(policy);
        }
    }

    private void ReadRecord()
    {
        var read = new Draft();
        Children(name =>
        {
            switch (name)
            {
                case "row":
                    Children(inner => ReadRow(inner, read));
                    break;
                case "identifiers" or "identities": // the latter in drafts before RFC 7489
                    Children(inner => ReadIdentifier(inner, read));
                    break;
                case "auth_results":
                    Children(inner => ReadResult(inner, read));
                    break;
                default:
                    Unknown(name);
                    break;
            }
        });
        if (read.Source is null || read.Count is null)
        {
            _unreadable++;
        }
        else if (_records.Count >= _limits.Records)
        {
            _refused ??= $"it has more than {_limits.Records} records";
        }
        else
        {
            _records.Add(new AggregateRecord
            {
                Source = read.Source, Count = read.Count.Value, Disposition = read.Disposition, Dkim = read.Dkim, Spf = read.Spf, Reasons = [.. read.Reasons], HeaderFrom = read.HeaderFrom,
                EnvelopeFrom = read.EnvelopeFrom, EnvelopeTo = read.EnvelopeTo, DkimResults = [.. read.DkimResults], SpfResults = [.. read.SpfResults],
            });
        }
    }

    private void ReadRow(string name, Draft read)
    {
        switch (name)
        {
            case "source_ip":
                read.Source = FeedbackText.Address(Raw());
                break;
            case "count":
                read.Count = FeedbackText.Count(Raw());
                break;
            case "policy_evaluated":
                Children(inner => ReadEvaluated(inner, read));
                break;
            default:
                Unknown(name);
                break;
        }
    }

    private void ReadEvaluated(string name, Draft read)
    {
        switch (name)
        {
            case "disposition":
                read.Disposition = Word(Raw()) switch
                {
                    "none" => ReportedDisposition.None, "pass" => ReportedDisposition.Pass, "quarantine" => ReportedDisposition.Quarantine, "reject" => ReportedDisposition.Reject, _ => ReportedDisposition.Unspecified,
                };
                break;
            case "dkim":
                read.Dkim = AlignedOf(Raw());
                break;
            case "spf":
                read.Spf = AlignedOf(Raw());
                break;
            case "reason" when read.Reasons.Count < _limits.ResultsEach:
                (OverrideReason type, string comment) = (OverrideReason.Other, "");
                Children(inner =>
                {
                    switch (inner)
                    {
                        case "type":
                            type = ReasonOf(Raw());
                            break;
                        case "comment":
                            comment = Text();
                            break;
                        default:
                            Unknown(inner);
                            break;
                    }
                });
                read.Reasons.Add(new PolicyOverride(type, comment));
                break;
            default:
                Unknown(name);
                break;
        }
    }

    private void ReadIdentifier(string name, Draft read)
    {
        switch (name)
        {
            case "header_from":
                read.HeaderFrom = _text.Domain(Raw());
                break;
            case "envelope_from":
                read.EnvelopeFrom = _text.Domain(Raw());
                break;
            case "envelope_to":
                read.EnvelopeTo = _text.Domain(Raw());
                break;
            default:
                Unknown(name);
                break;
        }
    }

    private void ReadResult(string name, Draft read)
    {
        bool isDkim = name == "dkim";
        if (name is not ("dkim" or "spf") || (isDkim ? read.DkimResults.Count : read.SpfResults.Count) >= _limits.ResultsEach)
        {
            Unknown(name);
            return;
        }

        (string domain, string selector, string human, ReportedResult result, ReportedScope scope) = ("", "", "", ReportedResult.Unspecified, ReportedScope.Unspecified);
        Children(inner =>
        {
            switch (inner)
            {
                case "domain":
                    domain = _text.Domain(Raw());
                    break;
                case "selector":
                    selector = Text();
                    break;
                case "result":
                    result = ResultOf(Raw());
                    break;
                case "human_result":
                    human = Text();
                    break;
                case "scope":
                    scope = Word(Raw()) switch { "helo" => ReportedScope.Helo, "mfrom" => ReportedScope.MailFrom, _ => ReportedScope.Unspecified };
                    break;
                default:
                    Unknown(inner);
                    break;
            }
        });
        if (isDkim)
        {
            read.DkimResults.Add(new ReportedDkim(domain, selector, result, human));
        }
        else
        {
            read.SpfResults.Add(new ReportedSpf(domain, scope, result, human));
        }
    }

    /// <summary>Calls for each child element of the current one, which the callee reads to its end; leaves the reader on the end of the current one.</summary>
    private void Children(Action<string> read)
    {
        int depth = _xml.Depth;
        if (_xml.IsEmptyElement)
        {
            return;
        }

        if (depth >= _limits.Depth)
        {
            _refused ??= $"its elements stand more than {_limits.Depth} deep";
        }

        while (_refused is null && _xml.Read() && _xml.Depth > depth)
        {
            if (_xml.NodeType == XmlNodeType.Element)
            {
                read(_xml.LocalName);
            }
        }
    }

    /// <summary>The text of the current element; leaves the reader on its end.</summary>
    private string Raw()
    {
        int depth = _xml.Depth;
        if (_xml.IsEmptyElement)
        {
            return "";
        }

        int length = 0;
        while (_refused is null && _xml.Read() && _xml.Depth > depth)
        {
            if (_xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
            {
                // In pieces: a text is never held whole, however long.
                while (length < _value.Length && _xml.ReadValueChunk(_value, length, _value.Length - length) is > 0 and int count)
                {
                    length += count;
                }
            }
            else if (_xml.Depth > _limits.Depth)
            {
                _refused = $"its elements stand more than {_limits.Depth} deep";
            }
        }

        return new string(_value, 0, length);
    }

    private string Text() => _text.Share(_text.Clean(Raw()));

    private static string Word(string text) => text.Trim().ToLowerInvariant();

    private T Passed<T>(string name, T same)
    {
        Unknown(name);
        return same;
    }

    // Passed over with all that stands in it, but still held to the limit of depth.
    private void Unknown(string name)
    {
        if (_extensions.Count < MostExtensions && !_extensions.Contains(name))
        {
            _extensions.Add(_text.Clean(name));
        }

        Raw();
    }

    private static DmarcPolicy? PolicyOf(string text) => Word(text) switch
    {
        "none" => DmarcPolicy.None, "quarantine" => DmarcPolicy.Quarantine, "reject" => DmarcPolicy.Reject, _ => null,
    };

    private static ReportedAlignment AlignmentOf(string text) => Word(text) switch
    {
        "r" or "relaxed" => ReportedAlignment.Relaxed, "s" or "strict" => ReportedAlignment.Strict, _ => ReportedAlignment.Unspecified,
    };

    private static AlignedResult AlignedOf(string text) => Word(text) switch { "pass" => AlignedResult.Pass, "fail" => AlignedResult.Fail, _ => AlignedResult.Unspecified };

    private static OverrideReason ReasonOf(string text) => Word(text) switch
    {
        "forwarded" => OverrideReason.Forwarded, "sampled_out" => OverrideReason.SampledOut, "trusted_forwarder" => OverrideReason.TrustedForwarder,
        "mailing_list" => OverrideReason.MailingList, "local_policy" => OverrideReason.LocalPolicy, "policy_test_mode" => OverrideReason.PolicyTestMode, _ => OverrideReason.Other,
    };

    private static ReportedResult ResultOf(string text) => Word(text) switch
    {
        "none" => ReportedResult.None, "pass" => ReportedResult.Pass, "fail" or "hardfail" => ReportedResult.Fail, "softfail" => ReportedResult.SoftFail,
        "neutral" or "unknown" => ReportedResult.Neutral, "policy" => ReportedResult.Policy, "temperror" or "error" => ReportedResult.TempError, "permerror" => ReportedResult.PermError,
        _ => ReportedResult.Unspecified,
    };

    private sealed class Draft
    {
        public IPAddress? Source { get; set; }
        public long? Count { get; set; }
        public ReportedDisposition Disposition { get; set; }
        public AlignedResult Dkim { get; set; }
        public AlignedResult Spf { get; set; }
        public List<PolicyOverride> Reasons { get; } = [];
        public string HeaderFrom { get; set; } = "";
        public string EnvelopeFrom { get; set; } = "";
        public string EnvelopeTo { get; set; } = "";
        public List<ReportedDkim> DkimResults { get; } = [];
        public List<ReportedSpf> SpfResults { get; } = [];
    }
}
