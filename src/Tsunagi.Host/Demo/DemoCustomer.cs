using Tsunagi.Mail.Try;

namespace Tsunagi.Host.Demo;

/// <summary>A customer of the demo's file that takes mail: who gets mail there, and the server that plays its mail host.</summary>
/// <param name="Key">Its key in the file.</param>
/// <param name="Seller">The tenant above it, when that is not the provider.</param>
/// <param name="User">The address of the first user the file gives it.</param>
/// <param name="Subscription">Key of its mail in the file.</param>
/// <param name="Port">Where the file says that its mail goes, on loopback.</param>
internal sealed record DemoCustomer(
    string Key, string Name, string? Seller, string User, string Subscription, string Domain, int Port, IReadOnlyList<string> Recipients)
{
    public SmtpReceiver Receiver { get; } = new("mail." + Domain);
}

/// <summary>Someone the demo's file lets in.</summary>
/// <param name="Kind">What his tenant is: "customer", "reseller".</param>
internal sealed record DemoUser(string Email, string Kind, string Tenant);
