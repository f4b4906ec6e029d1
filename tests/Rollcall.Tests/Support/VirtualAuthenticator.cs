using Microsoft.Playwright;

namespace Rollcall.Tests.Support;

/// <summary>Chromium's own virtual authenticator: keeps passkeys, and its owner says yes at once.</summary>
internal sealed class VirtualAuthenticator(ICDPSession session, string id)
{
    /// <param name="offers">Whether passkeys are offered beside the address field. Chromium then takes the offer at
    /// once, where a person would choose.</param>
    public static async Task<VirtualAuthenticator> InAsync(Window window, bool offers = false)
    {
        if (!offers)
        {
            await window.Page.AddInitScriptAsync("delete window.PublicKeyCredential?.isConditionalMediationAvailable");
        }

        var session = await window.Page.Context.NewCDPSessionAsync(window.Page);
        await session.SendAsync("WebAuthn.enable");
        var made = await session.SendAsync(
            "WebAuthn.addVirtualAuthenticator",
            new()
            {
                ["options"] = new Dictionary<string, object>
                {
                    ["protocol"] = "ctap2",
                    ["transport"] = "internal",
                    ["hasResidentKey"] = true,
                    ["hasUserVerification"] = true,
                    ["isUserVerified"] = true,
                    ["automaticPresenceSimulation"] = true,
                },
            }
        );
        return new(session, made!.Value.GetProperty("authenticatorId").GetString()!);
    }

    public Task VerifyAsync(bool verified) =>
        session.SendAsync(
            "WebAuthn.setUserVerified",
            new() { ["authenticatorId"] = id, ["isUserVerified"] = verified }
        );

    public async Task<int> CountAsync() =>
        (await session.SendAsync("WebAuthn.getCredentials", new() { ["authenticatorId"] = id }))!
            .Value.GetProperty("credentials")
            .GetArrayLength();
}
