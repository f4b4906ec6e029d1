using Microsoft.Extensions.Options;

namespace Rollcall;

/// <summary>
/// Every address the product builds. Paths are local, for pages; <see cref="Absolute"/> makes one for an email from the configured
/// <see cref="RollcallOptions.PublicBaseUrl"/>.
/// </summary>
internal sealed class Links(IOptions<RollcallOptions> options)
{
    public static string Home => "/";
    public static string SignIn(string? returnUrl = null) => WithReturn("/sign-in", returnUrl);
    public static string SignOut => "/sign-out";

    public static string SignInWith(string provider, string? problem = null, string? returnUrl = null)
        => WithReturn($"/sign-in/with/{provider}{(problem is null ? "" : $"?problem={problem}")}", returnUrl);
    public static string NotRecognised => "/sign-in/not-recognised";
    public static string UseAddress => "/sign-in/use-address";
    public static string Paused => "/sign-in/paused";
    public static string NoOrganisation => "/no-organisation";

    public static string Register(string token) => $"/register/{token}";

    public static string Account => "/account";
    public static string SetUpSecondFactor(string? returnUrl = null) => WithReturn($"{Account}/second-factor", returnUrl);
    public static string ConfirmIdentity(string returnUrl) => WithReturn($"{Account}/confirm", returnUrl);

    public static string Organisations => "/organisations";
    public static string CreateOrganisation => "/organisations/create";
    public static string Organisation(Guid id) => $"/organisations/{id}";

    public static string Users(Guid organisation) => $"/organisations/{organisation}/users";
    public static string User(Guid organisation, Guid user) => $"{Users(organisation)}/{user}";
    public static string AddUser(Guid organisation, Guid? draft = null) => $"{Users(organisation)}/add{(draft is null ? "" : $"/{draft}")}";
    public static string CheckNewUser(Guid organisation, Guid draft) => $"{AddUser(organisation, draft)}/check";
    public static string EditUser(Guid organisation, Guid user, Guid? draft = null) => $"{User(organisation, user)}/edit{(draft is null ? "" : $"/{draft}")}";
    public static string CheckEditedUser(Guid organisation, Guid user, Guid draft) => $"{EditUser(organisation, user, draft)}/check";
    public static string RemoveUser(Guid organisation, Guid user) => $"{User(organisation, user)}/remove";

    private static string WithReturn(string path, string? returnUrl) => returnUrl is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}returnUrl={Uri.EscapeDataString(returnUrl)}";

    public string Absolute(string path) => options.Value.PublicBaseUrl.AbsoluteUri.TrimEnd('/') + path;
}
