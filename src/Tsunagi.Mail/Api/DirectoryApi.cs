using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Directories;
using Tsunagi.Mail.Inbound;

namespace Tsunagi.Mail.Api;

/// <summary>/api/v1/mail/directories: the customers' directories (LDAP, Active Directory) that lists of recipients are read from.</summary>
internal static class DirectoryApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var directories = api.MapGroup("/directories").WithTags("Mail");
        directories.MapGet("", ListAsync).Requires(MailPermissions.RecipientsRead).WithName("listMailDirectories").WithSummary("The directories that lists of recipients are read from, and how their last reading went");
        directories.MapGet("/{directory}", FindAsync).Requires(MailPermissions.RecipientsRead).WithName("getMailDirectory").WithSummary("The directory of one subscription");
        directories.MapPut("/{directory}", PutAsync).Requires(MailPermissions.RecipientsWrite).WithName("putMailDirectory")
            .WithSummary("Set a subscription's directory: its list of recipients is read from there from now on");
        directories.MapDelete("/{directory}", RemoveAsync).Requires(MailPermissions.RecipientsWrite).WithName("deleteMailDirectory").WithSummary("Take a directory away; its list stays and is kept by hand");
        directories.MapPost("/{directory}/test", TryAsync).Requires(MailPermissions.RecipientsWrite).WithName("testMailDirectory").WithSummary("Read the directory and say what would change; nothing is changed");
        directories.MapPost("/{directory}/sync", SynchronizeAsync).Requires(MailPermissions.RecipientsWrite).WithName("syncMailDirectory")
            .WithSummary("Read the directory now; stops when more than a tenth of the recipients would go, unless that number is given");
    }

    private static async Task<ApiResult<Page<DirectoryView>>> ListAsync(HttpContext http, DirectoryDesk desk, CancellationToken cancellationToken) =>
        new Page<DirectoryView>([.. (await desk.ListAsync(http.GetCaller(), cancellationToken)).Select(DirectoryView.Of)], null);

    private static async Task<ApiResult<DirectoryView>> FindAsync(HttpContext http, DirectoryDesk desk, string directory, CancellationToken cancellationToken) =>
        View(await desk.FindAsync(http.GetCaller(), directory, cancellationToken));

    private static async Task<ApiResult<DirectoryView>> PutAsync(HttpContext http, DirectoryDesk desk, string directory, DirectoryRequest wanted, CancellationToken cancellationToken) =>
        View(await desk.PutAsync(http.GetCaller(), directory, wanted.Settings, wanted.Password, cancellationToken));

    private static async Task<ApiDone> RemoveAsync(HttpContext http, DirectoryDesk desk, string directory, CancellationToken cancellationToken) =>
        await desk.RemoveAsync(http.GetCaller(), directory, cancellationToken) is { Ok: false } refused ? refused.Refusal : ApiDone.Instance;

    private static async Task<ApiResult<DirectoryChange>> TryAsync(HttpContext http, DirectoryDesk desk, string directory, CancellationToken cancellationToken) =>
        await desk.TryAsync(http.GetCaller(), directory, cancellationToken);

    private static async Task<ApiResult<DirectoryChange>> SynchronizeAsync(
        HttpContext http, DirectoryDesk desk, string directory, [Range(0, RecipientListBook.MaxEntries)] long? removes, CancellationToken cancellationToken) =>
        await desk.SynchronizeAsync(http.GetCaller(), directory, removes, cancellationToken);

    private static ApiResult<DirectoryView> View(Outcome<CustomerDirectory> outcome) => outcome.Ok ? DirectoryView.Of(outcome.Value) : outcome.Refusal;
}

/// <summary>What a subscription's directory is to be.</summary>
internal sealed record DirectoryRequest(
    [property: Required] DirectorySettings Settings,
    [property: MaxLength(500), Description("Of bindName. Left out, the one there is stays, if the directory and the name stay the same; it is shown to nobody.")] string? Password);

/// <summary>A directory and how its readings go.</summary>
/// <param name="ReadAt">When the list last became as the directory is.</param>
/// <param name="Problem">Why the last reading changed nothing.</param>
/// <param name="ProblemAt">Since when.</param>
/// <param name="Asks">How many recipients would go, when a person has to say so.</param>
/// <param name="PassedOver">Objects and addresses of the last reading that could not be recipients.</param>
public sealed record DirectoryView(
    string SubscriptionId, string TenantId, DirectorySettings Settings, long UpdatedAt, string UpdatedBy, long NextAt, long? TriedAt, long? ReadAt, string? Problem, long? ProblemAt, long? Asks, long PassedOver)
{
    internal static DirectoryView Of(CustomerDirectory directory) => new(
        directory.SubscriptionId, MessageView.TenantOf(directory.TenantPath), directory.Read(), directory.UpdatedAt, directory.UpdatedBy, directory.NextAt, MessageView.Some(directory.TriedAt), MessageView.Some(directory.ReadAt),
        MessageView.Some(directory.Problem), MessageView.Some(directory.ProblemAt), MessageView.Some(directory.Asks), directory.PassedOver);
}
