using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>One report of a file or a message: either of both kinds.</summary>
/// <param name="FileName">The name it came under, clean; may be empty.</param>
/// <param name="Aggregate">A DMARC aggregate report.</param>
/// <param name="Tls">A TLS report.</param>
public sealed record FeedbackReport(string FileName, AggregateReport? Aggregate, TlsReport? Tls);

/// <summary>A file that should be a report and is not read.</summary>
/// <param name="FileName">The name it came under, clean; may be empty.</param>
/// <param name="Why">A clause in English: "it unpacks to more than 250 times its size".</param>
public sealed record FeedbackProblem(string FileName, string Why);

/// <summary>What was found in a file or a message. Both may be empty: then nothing in it claims to be a report.</summary>
/// <param name="Reports">Those read.</param>
/// <param name="Problems">Those that are not.</param>
public sealed record FeedbackReading(ImmutableArray<FeedbackReport> Reports, ImmutableArray<FeedbackProblem> Problems);
