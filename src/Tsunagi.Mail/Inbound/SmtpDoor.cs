using Tsunagi.Core.Net;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>Which of the listeners a client came in by.</summary>
/// <param name="ServerOptions">What the machine of each session offers and allows.</param>
/// <param name="Limits">Counts the listener's connections.</param>
/// <param name="IsSubmission">Clients hand mail in after AUTH; else they bring it for those we serve.</param>
/// <param name="IsTlsFirst">TLS comes before the greeting.</param>
internal sealed record SmtpDoor(SmtpServerOptions ServerOptions, ConnectionLimits Limits, bool IsSubmission, bool IsTlsFirst);
