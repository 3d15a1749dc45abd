namespace Tsunagi.Core.Outbound;

/// <summary>The policy does not let the program connect there. Inside HttpClient it travels as the cause of an HttpRequestException.</summary>
public sealed class OutboundRefusedException(string message) : IOException(message);
